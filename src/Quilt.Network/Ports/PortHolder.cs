using System.Globalization;
using System.Net;

namespace Quilt.Network;

/// <summary>Who listens on a port of the host's.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <returns>A process by its name and number; null where nobody is found.</returns>
    internal static string? Find(int port)
    {
        HashSet<string> sockets = [.. Tables.Where(File.Exists).SelectMany(File.ReadLines).Select(l => Inode(l, port)).OfType<string>()];
        foreach (string folder in sockets.Count == 0 ? [] : Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                if (Directory.EnumerateFiles(Path.Combine(folder, "fd")).Any(f => File.ResolveLinkTarget(f, returnFinalTarget: false)?.Name is { } target && sockets.Contains(target)))
                {
                    return $"{File.ReadAllText(Path.Combine(folder, "comm")).Trim()} (process {Path.GetFileName(folder)})";
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }

        return null;
    }

    /// <summary>The name that a process's descriptor of the socket has; null where the line is of another port or state (proc_pid_net(5)).</summary>
    private static string? Inode(string line, int port)
    {
        const int local = 1, state = 3, inode = 9;
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > inode && fields[state] == Listening
            && int.TryParse(fields[local].AsSpan(fields[local].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int own) && own == port
            ? $"socket:[{fields[inode]}]"
            : null;
    }
}
