using Quilt.Linux;

namespace Quilt.Testing;

/// <summary>What a test could leave behind on the machine, at one moment.</summary>
public sealed record HostState(IReadOnlySet<string> Mounts, IReadOnlySet<string> Cgroups, IReadOnlySet<ProcessIdentity> Processes)
{
    public static HostState Now() => new(
        MountInfoEntry.OfThisProcess().Select(m => $"{m.Id} {m.Type} on {m.MountPoint}").ToHashSet(),
        CgroupHierarchy.OfHost().SelectMany(OurGroups).ToHashSet(),
        Descendants());

    /// <summary>Groups whose names begin with quilt, and all below them.</summary>
    private static IEnumerable<string> OurGroups(CgroupHierarchy hierarchy)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(hierarchy.MountPoint, "quilt*")
                .SelectMany(top => Directory.EnumerateDirectories(top, "*", SearchOption.AllDirectories).Prepend(top))];
        }
        catch (DirectoryNotFoundException)
        {
            return []; // somebody removed one while we looked
        }
    }

    /// <summary>The processes that this one started, and those they did; zombies too, for somebody forgot to reap them.</summary>
    private static HashSet<ProcessIdentity> Descendants()
    {
        Dictionary<int, ProcessStat> all = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int pid) && ProcessStat.TryRead(pid) is { } stat)
            {
                all[pid] = stat;
            }
        }

        HashSet<int> ours = [Environment.ProcessId];
        int before;
        do
        {
            before = ours.Count;
            ours.UnionWith([.. all.Where(p => ours.Contains(p.Value.ParentPid)).Select(p => p.Key)]);
        }
        while (ours.Count > before);

        return [.. ours.Where(pid => pid != Environment.ProcessId).Select(pid => new ProcessIdentity(pid, all[pid].StartTime))];
    }
}
