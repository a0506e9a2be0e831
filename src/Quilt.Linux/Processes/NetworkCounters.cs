using System.Globalization;
using System.Text;

namespace Quilt.Linux;

/// <summary>What went over the links of a network namespace, its loopback left out (proc_pid_net(5), 'dev').</summary>
public readonly record struct NetworkCounters(ulong ReceivedBytes, ulong SentBytes, ulong ReceivedPackets, ulong SentPackets)
{
    private const int ReceivedBytesField = 0, ReceivedPacketsField = 1, SentBytesField = 8, SentPacketsField = 9;

    /// <summary>Of the namespace that a process is in; nothing where it has ended.</summary>
    public static NetworkCounters OfProcess(int pid)
    {
        try
        {
            return Read(Encoding.UTF8.GetString(Sys.TryReadFile($"/proc/{pid}/net/dev") ?? []));
        }
        catch (SyscallException)
        {
            return default;
        }
    }

    /// <summary>Of a namespace that may have no process in it any more.</summary>
    /// <exception cref="SyscallException">It cannot be joined.</exception>
    public static NetworkCounters Of(FileDescriptor networkNamespace) =>
        NamespaceThread.Run(networkNamespace, () => Read(Encoding.UTF8.GetString(Sys.TryReadFile("/proc/thread-self/net/dev") ?? [])));

    public static NetworkCounters operator +(NetworkCounters one, NetworkCounters other) => new(
        one.ReceivedBytes + other.ReceivedBytes, one.SentBytes + other.SentBytes, one.ReceivedPackets + other.ReceivedPackets, one.SentPackets + other.SentPackets);

    /// <summary>Two lines of headings, then <c>name: numbers…</c>.</summary>
    internal static NetworkCounters Read(string text)
    {
        NetworkCounters sum = default;
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] fields = colon < 0 ? [] : line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length <= SentPacketsField || line[..colon].Trim() == "lo")
            {
                continue;
            }

            ulong Field(int number) => ulong.TryParse(fields[number], CultureInfo.InvariantCulture, out ulong value) ? value : 0;
            sum += new NetworkCounters(Field(ReceivedBytesField), Field(SentBytesField), Field(ReceivedPacketsField), Field(SentPacketsField));
        }

        return sum;
    }
}
