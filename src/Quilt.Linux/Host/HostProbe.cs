using System.Globalization;

namespace Quilt.Linux;

/// <summary>Looks at what this host offers, and changes nothing of it.</summary>
public static class HostProbe
{
    /// <summary>overlayfs over idmapped layers came with this one; the launcher shares layers between users' ranges by it.</summary>
    private static readonly KernelVersion Oldest = new(5, 19, 0);
    private static readonly string[] WantedFilesystems = ["overlay", "proc", "sysfs", "tmpfs", "devpts", "mqueue"];
    private static readonly string[] WantedControllers = ["cpu", "memory", "pids"];

    public static IReadOnlyList<HostFinding> Look() =>
        [Kernel(KernelVersion.OfHost()), UserNamespaces(), Seccomp(), Filesystems(ReadOrEmpty("/proc/filesystems"), Modules()), Cgroups(), Nft(), DiskLimits(HostProgram.Find("mkfs.ext4"), File.Exists("/dev/loop-control"), Knows("ext4")), CheckpointProbe.Look()];

    internal static HostFinding Kernel(KernelVersion version) => new(
        "kernel", $"Linux {version}", version >= Oldest ? null : $"run Linux {Oldest} or later: overlayfs over idmapped layers needs it");

    /// <param name="list">/proc/filesystems.</param>
    /// <param name="modules">modules.dep: what is among them the kernel loads when it is first mounted (modprobe(8)).</param>
    internal static HostFinding Filesystems(string list, string modules)
    {
        HashSet<string> known = [.. list.Split((char[])['\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)];
        string[] missing = [.. WantedFilesystems.Where(f => !known.Contains(f) && !modules.Contains($"/{f}.ko", StringComparison.Ordinal))];
        return new HostFinding(
            "file systems",
            missing.Length == 0 ? string.Join(", ", WantedFilesystems) : "without " + string.Join(", ", missing),
            missing.Length == 0 ? null : $"load or build in: modprobe {string.Join(' ', missing)}");
    }

    private static string Modules() => ReadOrEmpty($"/lib/modules/{ReadOrEmpty("/proc/sys/kernel/osrelease").Trim()}/modules.dep");

    private static HostFinding UserNamespaces()
    {
        const string limit = "/proc/sys/user/max_user_namespaces";
        if (!File.Exists("/proc/self/ns/user"))
        {
            return new HostFinding("user namespaces", "none", "run a kernel with CONFIG_USER_NS");
        }

        bool known = long.TryParse(ReadOrEmpty(limit), CultureInfo.InvariantCulture, out long most);
        return new HostFinding("user namespaces", known ? $"at most {most}" : "no limit known", known && most == 0 ? "sysctl -w user.max_user_namespaces=65536" : null);
    }

    private static HostFinding Seccomp()
    {
        string actions = ReadOrEmpty("/proc/sys/kernel/seccomp/actions_avail").Trim();
        return new HostFinding(
            "seccomp", actions.Length == 0 ? "none" : actions,
            actions.Contains("errno", StringComparison.Ordinal) ? null : "run a kernel with CONFIG_SECCOMP_FILTER");
    }

    private static HostFinding Cgroups()
    {
        IReadOnlyList<CgroupHierarchy> hierarchies = CgroupHierarchy.OfHost();
        CgroupHierarchy? unified = hierarchies.FirstOrDefault(h => h.IsUnified);
        string[] separate = [.. hierarchies.SelectMany(h => h.Controllers).Where(c => !c.StartsWith("name=", StringComparison.Ordinal))];
        string[] together = unified is null ? [] : ReadOrEmpty(unified.MountPoint + "/cgroup.controllers").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        string mode = (unified, separate.Length) switch { (null, _) => "v1", (_, 0) => "v2", _ => "hybrid" };
        string[] missing = [.. WantedControllers.Except(separate).Except(together)];
        return new HostFinding(
            "cgroups",
            $"{mode}: {string.Join(", ", separate.Concat(together).Order(StringComparer.Ordinal))}",
            missing.Length == 0 ? null : $"mount or enable the controllers {string.Join(", ", missing)} (kernel command line: cgroup_enable=...)");
    }

    /// <summary>What a limit of disk is made of: an ext4 file system in a file, on a loop device.</summary>
    /// <param name="mkfs">Where mkfs.ext4 is; null: nowhere.</param>
    internal static HostFinding DiskLimits(string? mkfs, bool loop, bool ext4)
    {
        (string What, string Remedy)[] missing =
        [
            .. mkfs is null ? ((string, string)[])[("mkfs.ext4", "install e2fsprogs")] : [],
            .. loop ? ((string, string)[])[] : [("loop devices (/dev/loop-control)", "modprobe loop")],
            .. ext4 ? ((string, string)[])[] : [("ext4", "modprobe ext4")],
        ];
        return new HostFinding(
            "disk limits", missing.Length == 0 ? $"{mkfs}, loop devices, ext4" : "without " + string.Join(", ", missing.Select(m => m.What)),
            missing.Length == 0 ? null : $"{string.Join("; ", missing.Select(m => m.Remedy))}: containers with 'disk' and volumes with a size need it") { IsNeeded = false };
    }

    private static bool Knows(string filesystem) =>
        ReadOrEmpty("/proc/filesystems").Split((char[])['\n', '\t', ' ']).Contains(filesystem) || Modules().Contains($"/{filesystem}.ko", StringComparison.Ordinal);

    private static HostFinding Nft()
    {
        string? program = HostProgram.Find("nft");
        return new HostFinding("nft", program ?? "none", program is null ? "install nftables: networks and connections need it" : null) { IsNeeded = false };
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
