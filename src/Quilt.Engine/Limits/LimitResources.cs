using System.Globalization;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Engine;

/// <summary>Limits in the words of the OCI runtime specification, as this host's kind of control groups takes them.</summary>
/// <param name="disk">The number of a disk, by the name that <see cref="IoLimit.Device"/> has.</param>
internal sealed class LimitResources(CgroupMode mode, Func<string, (long Major, long Minor)> disk)
{
    private const long UsualShares = 1024, FewestShares = 2;

    // Of the kernel (Documentation/scheduler/sched-bwc.rst), in microseconds: no quota is less than the one, what is unlimited has the other.
    private const double LeastQuota = 1_000, UsualPeriod = 100_000;

    // Those who use theirs up all begin again at once: how long they are in a neighbour's way together is in proportion to this.
    private const double ShortPeriod = 5_000;

    // Larger than any machine, and a whole number of the largest pages.
    private const ulong AllHugepages = 0x7FFFFFFFC0000000;

    /// <summary>Of a group that has none yet.</summary>
    internal OciResources Of(ContainerLimits limits) => Between(ContainerLimits.None, limits);

    /// <summary>What has to be set where one becomes the other: what they have in common is left out.</summary>
    internal OciResources Between(ContainerLimits from, ContainerLimits to) => new()
    {
        // Swap counts memory and swap together: the same limit for both is no swap.
        Memory = to.MemoryBytes > 0 && (from.MemoryBytes, from.SwapBytes) != (to.MemoryBytes, to.SwapBytes)
            ? new OciMemory { Limit = to.MemoryBytes, Swap = to.MemoryBytes + to.SwapBytes } : null,
        Pids = Most(from.Pids) != Most(to.Pids) ? new OciPids(Most(to.Pids)) : null,
        Cpu = Cpu(from, to),
        BlockIo = BlockIo(from, to),
        HugepageLimits = [.. from.Hugepages.Select(h => h.PageSize).Union(to.Hugepages.Select(h => h.PageSize)).Where(p => PagesOf(from, p) != PagesOf(to, p)).Select(p => new OciHugepageLimit(p, PagesOf(to, p)))],
        Unified = mode == CgroupMode.V2 ? Unified(from, to) : new Dictionary<string, string>(),
    };

    private static long Most(long pids) => pids > 0 ? pids : -1;

    private static ulong PagesOf(ContainerLimits limits, string pageSize) =>
        limits.Hugepages.FirstOrDefault(h => h.PageSize == pageSize) is { } limit ? (ulong)limit.Bytes : AllHugepages;

    private OciCpu? Cpu(ContainerLimits from, ContainerLimits to)
    {
        bool time = from.Cpus != to.Cpus, set = from.Cpuset != to.Cpuset, weight = mode != CgroupMode.V2 && WeightOf(from.CpuWeight) != WeightOf(to.CpuWeight);
        double period = to.Cpus > 0 ? Math.Max(ShortPeriod, Math.Ceiling(LeastQuota / to.Cpus)) : UsualPeriod;
        return !time && !set && !weight ? null : new OciCpu
        {
            Period = time ? (ulong)period : null,
            Quota = time ? to.Cpus > 0 ? (long)Math.Round(to.Cpus * period) : -1 : null,
            Cpus = set ? Cpuset(to.Cpuset) : null,

            // The usual weight is the usual share.
            Shares = weight ? (ulong)Math.Max(FewestShares, WeightOf(to.CpuWeight) * UsualShares / ContainerLimits.UsualWeight) : null,
        };
    }

    /// <summary>v2 takes an empty line for 'as my parent'; v1 takes none.</summary>
    private string Cpuset(string cpus) => cpus.Length > 0 ? cpus : mode == CgroupMode.V2 ? "\n" : CpuList.OfMachine();

    private static int WeightOf(int weight) => weight == 0 ? ContainerLimits.UsualWeight : weight;

    private OciBlockIo? BlockIo(ContainerLimits from, ContainerLimits to)
    {
        bool weight = mode != CgroupMode.V2 && WeightOf(from.IoWeight) != WeightOf(to.IoWeight);
        Dictionary<(long, long), IoLimit> before = ByDisk(from), after = ByDisk(to);
        (long Major, long Minor)[] disks = [.. before.Keys.Union(after.Keys)];
        return !weight && disks.Length == 0 ? null : new OciBlockIo
        {
            Weight = weight ? (ushort)WeightOf(to.IoWeight) : null,
            ThrottleReadBpsDevice = Of(l => l.ReadBytes),
            ThrottleWriteBpsDevice = Of(l => l.WriteBytes),
            ThrottleReadIopsDevice = Of(l => l.ReadOperations),
            ThrottleWriteIopsDevice = Of(l => l.WriteOperations),
        };

        OciThrottleDevice[] Of(Func<IoLimit, long> rate)
        {
            long Rate(Dictionary<(long, long), IoLimit> limits, (long, long) of) => limits.TryGetValue(of, out IoLimit? limit) ? rate(limit) : 0;
            return [.. disks.Where(d => Rate(before, d) != Rate(after, d)).Select(d => new OciThrottleDevice(d.Major, d.Minor, (ulong)Rate(after, d)))];
        }
    }

    /// <summary>Of several for one disk the last holds.</summary>
    private Dictionary<(long, long), IoLimit> ByDisk(ContainerLimits limits)
    {
        Dictionary<(long, long), IoLimit> found = [];
        foreach (IoLimit limit in limits.Io)
        {
            found[disk(limit.Device)] = limit;
        }

        return found;
    }

    private static Dictionary<string, string> Unified(ContainerLimits from, ContainerLimits to)
    {
        Dictionary<string, string> files = [];
        if (from.MemoryHighBytes != to.MemoryHighBytes)
        {
            files["memory.high"] = to.MemoryHighBytes > 0 ? Text(to.MemoryHighBytes) : "max";
        }

        if (WeightOf(from.CpuWeight) != WeightOf(to.CpuWeight))
        {
            files["cpu.weight"] = Text(WeightOf(to.CpuWeight));
        }

        if (WeightOf(from.IoWeight) != WeightOf(to.IoWeight))
        {
            files["io.weight"] = Text(WeightOf(to.IoWeight));
        }

        return files;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
