using System.Globalization;
using System.Net;

namespace Quilt.Network;

/// <summary>Who has a port of the host's.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <returns>A process by its name and number; null where nobody is found.</returns>
    internal static string? Find(int port, TransportProtocol protocol)
    {
        string table = $"/proc/net/{protocol.ToString().ToLowerInvariant()}";
        string[] tables = [table, $"{table}6"];
        HashSet<string> sockets = [.. tables.Where(File.Exists).SelectMany(File.ReadLines).Select(l => Inode(l, port, protocol)).OfType<string>()];
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

    /// <summary>
    /// The name that a process's descriptor of the socket has; null where the line is of another port or state (proc_pid_net(5)). Of UDP whoever has
    /// bound it: there is no listening.
    /// </summary>
    private static string? Inode(string line, int port, TransportProtocol protocol)
    {
        const int local = 1, state = 3, inode = 9;
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > inode && (fields[state] == Listening || protocol == TransportProtocol.Udp)
            && int.TryParse(fields[local].AsSpan(fields[local].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int own) && own == port
            ? $"socket:[{fields[inode]}]"
            : null;
    }
}
