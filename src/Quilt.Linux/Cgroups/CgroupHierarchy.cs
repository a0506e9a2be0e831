using System.Text;

namespace Quilt.Linux;

/// <summary>A mounted cgroup hierarchy (cgroups(7)): the unified one, or one of v1 with its controllers.</summary>
/// <param name="Controllers">v1: <c>cpu</c>, <c>memory</c>...; a named hierarchy has none but <c>name=systemd</c>.</param>
public sealed record CgroupHierarchy(string MountPoint, bool IsUnified, IReadOnlyList<string> Controllers)
{
    /// <summary>The parameters that mount the same hierarchy again.</summary>
    public IEnumerable<KeyValuePair<string, string?>> MountFlags => Controllers.SelectMany(Parameters);

    private static IEnumerable<KeyValuePair<string, string?>> Parameters(string controller) =>
        controller.StartsWith("name=", StringComparison.Ordinal)
            ? [new("none", null), new("name", controller["name=".Length..])]
            : [new(controller, null)];

    /// <summary>Those mounted below /sys/fs/cgroup, where systemd and everyone else have them.</summary>
    public static IReadOnlyList<CgroupHierarchy> OfHost() => Parse(Encoding.UTF8.GetString(Sys.TryReadFile("/proc/self/mountinfo") ?? []).Split('\n'));

    internal static IReadOnlyList<CgroupHierarchy> Parse(IEnumerable<string> mountinfo)
    {
        List<CgroupHierarchy> found = [];
        foreach (string line in mountinfo)
        {
            // id parent device root mountpoint options fields... - type source superoptions (proc_pid_mountinfo(5))
            int separator = line.IndexOf(" - ", StringComparison.Ordinal);
            if (separator < 0)
            {
                continue;
            }

            string[] before = line[..separator].Split(' '), after = line[(separator + 3)..].Split(' ');
            if (before.Length < 6 || after.Length < 3 || !before[4].StartsWith("/sys/fs/cgroup", StringComparison.Ordinal) || before[3] != "/")
            {
                continue;
            }

            if (after[0] == "cgroup2")
            {
                found.Add(new CgroupHierarchy(before[4], true, []));
            }
            else if (after[0] == "cgroup")
            {
                string[] options = after[2].Split(',');
                found.Add(new CgroupHierarchy(before[4], false, [.. options.Where(o => o.StartsWith("name=", StringComparison.Ordinal) || KnownControllers.Contains(o))]));
            }
        }

        return found;
    }

    private static readonly HashSet<string> KnownControllers = new(StringComparer.Ordinal)
    {
        "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "hugetlb", "net_cls", "net_prio", "perf_event", "rdma", "misc",
    };
}
