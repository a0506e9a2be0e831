using System.Globalization;

namespace Quilt.Linux;

/// <summary>Limits of a group in use that change all or not at all: each is read back, and what was before is kept until the last holds.</summary>
internal sealed class LimitChange : LimitWriter
{
    private const string OomControl = "memory.oom_control", OomKillDisable = "oom_kill_disable"; // v1
    private readonly List<(string Folder, string File, string Value)> _before = [];

    /// <summary>Makes a change of several values, or none of them.</summary>
    /// <returns>Takes it back.</returns>
    internal static Action Make(Action<LimitWriter> write)
    {
        LimitChange change = new();
        try
        {
            write(change);
            return change.Undo;
        }
        catch
        {
            change.Undo();
            throw;
        }
    }

    /// <exception cref="LimitRefusedException">The kernel refused it, or has another value than was asked for.</exception>
    internal override void Write(string folder, string file, string value)
    {
        try
        {
            _before.Add((folder, file, ValueBefore(file, value, CgroupFiles.ReadText(folder, file))));
            base.Write(folder, file, value);
        }
        catch (SyscallException e)
        {
            _before.RemoveAt(_before.Count - 1);
            throw new LimitRefusedException(file, value, e.Errno, e);
        }

        if (!Holds(file, value, CgroupFiles.ReadText(folder, file)))
        {
            throw new LimitRefusedException(file, value, Errno.EINVAL, null);
        }
    }

    /// <summary>Last first, for each was allowed where those before it were.</summary>
    internal void Undo()
    {
        foreach ((string folder, string file, string value) in Enumerable.Reverse(_before))
        {
            try
            {
                CgroupFiles.Write(folder, file, value);
            }
            catch (SyscallException)
            {
                // The use has grown into what was given for a moment, or the group is gone: the other values still go back.
            }
        }

        _before.Clear();
    }

    /// <summary>What is written to have again what a file says now.</summary>
    internal static string ValueBefore(string file, string value, string now)
    {
        if (file == OomControl)
        {
            return LineOf(OomKillDisable, now)?.Split(' ')[^1] ?? "0";
        }

        if (KeyOf(file, value) is not { } key)
        {
            return now.Trim() is { Length: > 0 } whole ? whole.Split('\n')[0] : CgroupFiles.EmptyLine;
        }

        return LineOf(key, now) ?? file switch
        {
            "io.max" => $"{key} rbps=max wbps=max riops=max wiops=max",
            "rdma.max" => $"{key} hca_handle=max hca_object=max",
            _ when file.Contains("weight", StringComparison.Ordinal) => $"{key} default",
            _ => $"{key} 0",
        };
    }

    /// <summary>Whether a file says what was written to it, in the kernel's own words.</summary>
    internal static bool Holds(string file, string value, string now)
    {
        if (KeyOf(file, value) is { } key)
        {
            string[] asked = value.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            return LineOf(key, now) is { } line
                ? asked.All(line.Split(' ').Contains)
                : asked.All(a => a is "0" or "default" || a.EndsWith("=max", StringComparison.Ordinal));
        }

        (string said, string wanted) = (now.Trim(), value.Trim());
        if (file == OomControl)
        {
            return LineOf(OomKillDisable, now) == $"{OomKillDisable} {wanted}";
        }

        if (file.StartsWith("cpuset.", StringComparison.Ordinal))
        {
            return CpuList.TryParse(said) is { } has && CpuList.TryParse(wanted) is { } list
                && (has.SequenceEqual(list) || (list.Count == 0 && CpuList.TryParse(CgroupFiles.AllOf(file) ?? "") is { } all && has.SequenceEqual(all)));
        }

        if (file.EndsWith("weight", StringComparison.Ordinal))
        {
            return Last(said.Split('\n')[0]) == Last(wanted);
        }

        bool isNumber = TryNumber(wanted, out ulong most), unlimited = wanted is "max" or "-1" || (isNumber && most >= CgroupFiles.NoLimit);
        if (!isNumber && !unlimited && TryNumber(said, out _))
        {
            return true; // in a notation that the kernel takes and does not show, such as 10M
        }

        return said == wanted || (TryNumber(said, out ulong is_)
            ? unlimited ? is_ >= CgroupFiles.NoLimit : TryNumber(wanted, out ulong number) && is_ <= number && number - is_ < Granularity(file)
            : unlimited && said is "max" or "-1");

        static string Last(string text) => text.Split(' ')[^1];
    }

    /// <summary>Memory is counted in pages, huge pages in their own size.</summary>
    private static ulong Granularity(string file) =>
        file.StartsWith("hugetlb.", StringComparison.Ordinal) ? ulong.MaxValue : file.StartsWith("memory.", StringComparison.Ordinal) ? (ulong)Environment.SystemPageSize : 1;

    /// <summary>Of files that have a line for each device or interface, whose it is.</summary>
    private static string? KeyOf(string file, string value) =>
        file is "cpu.max" || value.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var space) || value.StartsWith("default ", StringComparison.Ordinal) ? null : value[..space];

    private static string? LineOf(string key, string text) =>
        text.Split('\n').FirstOrDefault(l => l.StartsWith(key + " ", StringComparison.Ordinal))?.TrimEnd();

    private static bool TryNumber(string text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
