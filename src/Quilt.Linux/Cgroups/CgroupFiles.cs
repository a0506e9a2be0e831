using System.Globalization;
using System.Text;

namespace Quilt.Linux;

/// <summary>Reading and writing the kernel's control files.</summary>
internal static class CgroupFiles
{
    /// <summary>What v1 shows for none is this or more: it rounds it to pages.</summary>
    internal const ulong NoLimit = 0x7FFFFFFF00000000;

    /// <summary>Empties a file of one line, such as v2's cpuset: an empty write is none.</summary>
    internal const string EmptyLine = "\n";

    private const int LongestNote = 128;

    internal static void Write(string folder, string file, string value)
    {
        try
        {
            Sys.WriteFile($"{folder}/{file}", value);
        }
        catch (SyscallException e) when (e is { Errno: Errno.ENOSPC } && value == EmptyLine && AllOf(file) is { } all)
        {
            // Older kernels (6.1) empty no cpuset that has processes, v2's either; all there are mean the same.
            Sys.WriteFile($"{folder}/{file}", all);
        }
    }

    /// <summary>What a cpuset has that may use whatever its parent may; null of another file.</summary>
    internal static string? AllOf(string file) => file switch
    {
        "cpuset.cpus" => CpuList.Possible(),
        "cpuset.mems" => CpuList.PossibleNodes(),
        _ => null,
    };

    internal static void Write(string folder, string file, long value) => Write(folder, file, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Those that a group of v2 has.</summary>
    internal static string[] Controllers(string folder) => Words(folder, "cgroup.controllers");

    internal static string[] Words(string folder, string file) => ReadText(folder, file).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A number; 0 where the file is missing or says <c>max</c>.</summary>
    internal static ulong ReadNumber(string folder, string file) =>
        ulong.TryParse(ReadText(folder, file).Trim(), CultureInfo.InvariantCulture, out ulong value) ? value : 0;

    /// <summary>The number after a key in a file of <c>key number</c> lines.</summary>
    internal static ulong ReadKey(string folder, string file, string key) => KeyOf(ReadText(folder, file), key);

    /// <summary>As <see cref="ReadKey"/>, of a text that is read already.</summary>
    internal static ulong KeyOf(ReadOnlySpan<char> text, string key)
    {
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            if (line.Length > key.Length && line[key.Length] == ' ' && line.StartsWith(key, StringComparison.Ordinal))
            {
                return ulong.TryParse(line[(key.Length + 1)..], CultureInfo.InvariantCulture, out ulong value) ? value : 0;
            }
        }

        return 0;
    }

    /// <summary>The sum of the numbers that follow a mark, which stands at most once a line.</summary>
    internal static ulong SumIn(ReadOnlySpan<char> text, string mark)
    {
        ulong sum = 0;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            int at = line.IndexOf(mark, StringComparison.Ordinal);
            ReadOnlySpan<char> number = at < 0 ? [] : line[(at + mark.Length)..];
            int end = number.IndexOfAnyExceptInRange('0', '9');
            if (ulong.TryParse(end < 0 ? number : number[..end], CultureInfo.InvariantCulture, out ulong value))
            {
                sum += value;
            }
        }

        return sum;
    }

    /// <summary>How long the group's processes waited (Documentation/accounting/psi.rst); null where the kernel does not tell.</summary>
    internal static CgroupPressure? PressureOf(string folder)
    {
        string cpu = ReadText(folder, "cpu.pressure"), memory = ReadText(folder, "memory.pressure"), io = ReadText(folder, "io.pressure");
        return cpu.Length == 0 ? null : new CgroupPressure(StallMeter.Read(cpu), StallMeter.Read(memory), StallMeter.Read(io));
    }

    /// <summary>Nothing where it cannot be read, for whatever reason: figures are looked at again, and a missing one harms nobody.</summary>
    internal static string ReadText(string folder, string file)
    {
        try
        {
            return Read(folder, file);
        }
        catch (SyscallException)
        {
            return "";
        }
    }

    /// <summary>Nothing where it is missing.</summary>
    /// <exception cref="SyscallException">It cannot be read.</exception>
    internal static string Read(string folder, string file) => Encoding.UTF8.GetString(Sys.TryReadFile($"{folder}/{file}") ?? []);

    /// <summary>The processes of a group and of those below it.</summary>
    internal static List<int> Processes(string folder) =>
        [.. ProcessesOf(folder), .. GroupsBelow(folder).SelectMany(Processes)];

    /// <summary>The folders of the groups directly below one; none where it is gone.</summary>
    private static IEnumerable<string> GroupsBelow(string folder)
    {
        // A control group is '.', its name in the parent, and the '..' of each group below: most have none, and need no listing.
        const uint linksOfLeaf = 2;
        return Sys.TryStatus(folder) is { } status && status.Links > linksOfLeaf ? Directory.EnumerateDirectories(folder) : [];
    }

    /// <summary>The processes of a group itself; none where it is gone.</summary>
    /// <exception cref="SyscallException">The host lacks what reading takes: that there are none is not known then.</exception>
    internal static IEnumerable<int> ProcessesOf(string folder)
    {
        string text;
        try
        {
            text = Read(folder, "cgroup.procs");
        }
        catch (SyscallException e) when (HostShortage.Of(e) is null)
        {
            return [];
        }

        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture));
    }

    /// <summary>Removes a group from its leaves up. A killed process leaves its group only when it is reaped: EBUSY is retried for a while.</summary>
    internal static void RemoveTree(string folder)
    {
        long deadline = 0;
        while (!Sys.TryRemoveDirectory(folder, out Errno errno))
        {
            long now = Environment.TickCount64;
            deadline = deadline == 0 ? now + 2000 : deadline;
            if (errno != Errno.EBUSY || now > deadline)
            {
                throw new SyscallException("rmdir", folder, errno);
            }

            string[] below = [.. GroupsBelow(folder)];
            Array.ForEach(below, RemoveTree);
            if (below.Length == 0)
            {
                Sys.Pause(TimeSpan.FromMilliseconds(1));
            }
        }
    }

    /// <summary>Waits, by looking, until a control file says what it should.</summary>
    internal static void Await(Func<bool> condition, string what)
    {
        // Most is done at once, and a container may stand still meanwhile.
        TimeSpan pause = TimeSpan.FromMicroseconds(50), longest = TimeSpan.FromMilliseconds(1);
        long deadline = Environment.TickCount64 + 5000;
        while (!condition())
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new SyscallException(what, null, Errno.EBUSY);
            }

            Sys.Pause(pause);
            pause = pause < longest ? 2 * pause : longest;
        }
    }

    /// <summary>See <see cref="ICgroup.NoteOf"/>.</summary>
    internal static string? NoteOf(string folder, string name) => Sys.TryGetAttribute(folder, name, LongestNote) is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>See <see cref="ICgroup.SetNote"/>.</summary>
    internal static void SetNote(string folder, string name, string value) => Sys.SetAttribute(folder, name, Encoding.UTF8.GetBytes(value));
}
