using System.Globalization;

namespace Quilt.Linux;

/// <summary>Whether something listens in a process's network namespace, as the kernel lists it. Nobody is connected to.</summary>
/// <remarks>
/// The kernel tells nobody when a socket begins to listen (sock_diag(7) tells of destroyed ones alone), so whoever waits looks again. Of
/// TCP's list the listening sockets are the first, so that a busy server's connections cost nothing.
/// </remarks>
/// <seealso href="https://man7.org/linux/man-pages/man5/proc_pid_net.5.html"/>
public static class ListeningPorts
{
    private const string Listening = "0A", Bound = "07"; // TCP_LISTEN; TCP_CLOSE, which a UDP socket without a peer is in

    /// <returns>False also where the process has ended.</returns>
    public static bool Has(ProcessIdentity process, int port, bool udp)
    {
        string[] files = udp ? ["net/udp", "net/udp6"] : ["net/tcp", "net/tcp6"];
        return files.Any(file => process.TryOpenText(file) is { } lines && Has(lines, port, udp));
    }

    /// <param name="lines">Of /proc/PID/net/tcp or its like; disposed of.</param>
    internal static bool Has(TextReader lines, int port, bool udp)
    {
        using (lines)
        {
            lines.ReadLine(); // the names of the columns
            while (lines.ReadLine() is { } line)
            {
                // 0: 00000000:1F90 00000000:0000 0A ...
                string[] fields = line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length < 4 || (!udp && fields[3] != Listening))
                {
                    return false;
                }

                int colon = fields[1].LastIndexOf(':');
                if (fields[3] == (udp ? Bound : Listening) && int.TryParse(fields[1].AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int bound) && bound == port)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
