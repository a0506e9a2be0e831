using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const string HugepageFolders = "/sys/kernel/mm/hugepages";

    /// <summary>What this machine can hold a container to, looked at before anything is made or changed.</summary>
    /// <exception cref="QuiltException">InvalidArgument: a CPU, disk or page size that it has not; Unimplemented: its control groups have no such limit.</exception>
    private void RequireOnThisHost(ContainerLimits limits)
    {
        if (limits.MemoryHighBytes > 0 && _cgroups.Mode != CgroupMode.V2)
        {
            throw Unknown("memoryHigh", $"memoryHigh {new ByteSize(limits.MemoryHighBytes)} cannot be set: this host's control groups are v1, which has no such bound", "leave it out; v2 ('systemd.unified_cgroup_hierarchy=1' on the kernel's command line) has it");
        }

        if (limits.Cpuset.Length > 0 && CpuList.TryParse(limits.Cpuset)!.Except(CpuList.TryParse(CpuList.OfMachine())!).ToArray() is { Length: > 0 } missing)
        {
            throw QuiltException.Invalid("cpuset", $"cpuset '{limits.Cpuset}': this machine has no CPU {missing[0]}", $"give some of {CpuList.OfMachine()}");
        }

        foreach (IoLimit limit in limits.Io)
        {
            _ = DiskNumber(limit.Device);
        }

        if ((limits.Io.Count > 0 || limits.IoWeight != 0) && !_cgroups.Has("io"))
        {
            throw Unknown(limits.Io.Count > 0 ? "io" : "ioWeight", "this host's control groups have no controller of disks (io)", "leave it out, or enable the controller");
        }

        foreach (HugepageLimit page in limits.Hugepages)
        {
            string[] sizes = Directory.Exists(HugepageFolders) ? [.. Directory.EnumerateDirectories(HugepageFolders).Select(NameOfPages).Order()] : [];
            if (!sizes.Contains(page.PageSize))
            {
                throw QuiltException.Invalid("hugepages.size", $"this machine has no huge pages of {page.PageSize}", sizes.Length > 0 ? $"give one of {string.Join(", ", sizes)}" : "leave hugepages out");
            }

            if (!_cgroups.Has("hugetlb"))
            {
                throw Unknown("hugepages", "this host's control groups do not count huge pages (hugetlb)", "leave hugepages out, or enable the controller");
            }
        }
    }

    /// <summary>The number of a disk that limits are for.</summary>
    private (long Major, long Minor) DiskNumber(string device)
    {
        if (device.Length == 0)
        {
            return BlockDevices.TryFindOf(_options.StateDir) ?? throw QuiltException.Invalid("io.device", "containers are on no disk of their own here", $"name the disk, one of {Disks()}");
        }

        return BlockDevices.TryFind(device) ?? throw QuiltException.Invalid("io.device", $"this machine has no disk '{Text.Printable(device)}'", $"leave the device out for the disk that containers are on, or name one of {Disks()}, or a number such as 8:0");

        static string Disks() => string.Join(", ", BlockDevices.All().Where(d => !d.StartsWith("loop", StringComparison.Ordinal)));
    }

    /// <summary><c>hugepages-2048kB</c> as <c>2MB</c>.</summary>
    private static string NameOfPages(string folder) =>
        HugepageName(long.Parse(Path.GetFileName(folder)["hugepages-".Length..^"kB".Length], System.Globalization.CultureInfo.InvariantCulture) << 10);

    /// <summary>The kernel's name for huge pages of a size, as in <c>hugetlb.2MB.max</c>.</summary>
    public static string HugepageName(long bytes) => bytes switch
    {
        >= 1 << 30 => $"{bytes >> 30}GB",
        >= 1 << 20 => $"{bytes >> 20}MB",
        _ => $"{bytes >> 10}KB",
    };

    /// <summary>As <see cref="HugepageName"/>, the other way.</summary>
    public static long HugepageBytes(string name) =>
        long.Parse(name.AsSpan(0, name.Length - 2), System.Globalization.CultureInfo.InvariantCulture) << (name[^2] switch { 'G' => 30, 'M' => 20, _ => 10 });

    private static QuiltException Unknown(string field, string message, string remedy) => new(ErrorCode.Unimplemented, message, remedy, field);
}
