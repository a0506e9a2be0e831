using System.Globalization;
using System.Text;

namespace Quilt.Bench.Processes;

/// <summary>One process as /proc shows it.</summary>
/// <param name="CommandLine">Its arguments, joined by spaces.</param>
internal sealed record ProcessEntry(int Pid, int ParentPid, string Name, string CommandLine);

/// <summary>The processes of this moment.</summary>
internal static class ProcessTable
{
    public static IReadOnlyList<ProcessEntry> Read()
    {
        List<ProcessEntry> entries = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid) && TryRead(pid) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>The processes that <paramref name="mark"/> is true of, and all that descend from them; not ourselves.</summary>
    public static IReadOnlyList<ProcessEntry> MarkedBy(Func<ProcessEntry, bool> mark)
    {
        IReadOnlyList<ProcessEntry> all = Read();
        ILookup<int, ProcessEntry> children = all.ToLookup(p => p.ParentPid);
        Dictionary<int, ProcessEntry> found = [];
        Queue<ProcessEntry> pending = new(all.Where(p => p.Pid != Environment.ProcessId && mark(p)));
        while (pending.TryDequeue(out ProcessEntry? next))
        {
            if (found.TryAdd(next.Pid, next))
            {
                foreach (ProcessEntry child in children[next.Pid])
                {
                    pending.Enqueue(child);
                }
            }
        }

        return [.. found.Values];
    }

    /// <summary>The proportional set size: private memory and this process's share of what it shares.</summary>
    /// <returns>Bytes; 0 where the process is gone.</returns>
    /// <seealso href="https://docs.kernel.org/filesystems/proc.html">smaps_rollup</seealso>
    public static long PssBytes(int pid)
    {
        try
        {
            string line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            return long.Parse(line["Pss:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static ProcessEntry? TryRead(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            int open = stat.IndexOf('('), close = stat.LastIndexOf(')');
            int parent = int.Parse(stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            string commandLine = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline")).Replace('\0', ' ').Trim();
            return new ProcessEntry(pid, parent, stat[(open + 1)..close], commandLine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
