using System.Diagnostics;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>The network namespace that containers' links end in, as who has the host sees and changes it.</summary>
internal static class TestFabric
{
    internal static FileDescriptor OpenFabric(string runDir) => Sys.Open(Path.Combine(runDir, "fabric"), OpenMode.ReadOnly);

    /// <returns>What nft(8) says, run in it.</returns>
    internal static async Task<string> Nft(this DaemonProcess daemon, params string[] arguments)
    {
        using FileDescriptor fabric = OpenFabric(daemon.RunDir);
        using Process nft = NamespaceThread.Run(fabric, () => Process.Start(new ProcessStartInfo("nft", arguments) { RedirectStandardOutput = true })!);
        string said = await nft.StandardOutput.ReadToEndAsync(Cancellation);
        await nft.WaitForExitAsync(Cancellation);
        Assert.Equal(0, nft.ExitCode);
        return said;
    }
}
