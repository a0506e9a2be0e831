using System.Text;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Daemon.Tests;

/// <summary>The loop devices that a daemon's files are.</summary>
internal static class LoopDevices
{
    /// <summary>Without the empty one that is ready for the next container.</summary>
    internal static string[] Of(DaemonProcess daemon)
    {
        string instance = File.ReadAllText(Path.Combine(daemon.StateDir, "instance")).Trim();
        return
        [
            .. Directory.EnumerateDirectories("/sys/block", "loop*").Select(d => Sys.TryReadFile($"{d}/loop/backing_file")).OfType<byte[]>()
                .Select(b => Encoding.UTF8.GetString(b).Trim()).Where(f => f.StartsWith(daemon.StateDir, StringComparison.Ordinal) || f.Contains(instance, StringComparison.Ordinal))
                .Where(f => !f.EndsWith(".ready", StringComparison.Ordinal)),
        ];
    }
}
