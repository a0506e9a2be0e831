using System.Globalization;
using Quilt.Oci;

namespace Quilt.Linux;

/// <summary>A group in the unified hierarchy (Documentation/admin-guide/cgroup-v2.rst).</summary>
/// <param name="handsOn">The controllers that the groups above hand on, where they have them; null: all.</param>
internal sealed class CgroupV2(string mountPoint, string path, IReadOnlyList<string>? handsOn = null) : ICgroup
{
    private const uint UsualFolder = 0x1ED; // 0755
    private bool _made;

    private string Folder => $"{mountPoint}/{path}";

    public string Path => path;

    public bool Exists => Directory.Exists(Folder);

    public void Create()
    {
        if (_made)
        {
            return;
        }

        if (handsOn is { Count: 0 })
        {
            Sys.MakeDirectories(mountPoint, path, UsualFolder);
            _made = true;
            return;
        }

        // What a manager has not handed over is its own: it decides which controllers go on there.
        string delegated = CgroupDelegation.PartOf(mountPoint, path);
        string folder = delegated.Length == 0 ? mountPoint : $"{mountPoint}/{delegated}";
        foreach (string part in path[delegated.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            EnableControllers(folder);
            folder += "/" + part;
            Sys.MakeDirectory(folder, UsualFolder);
        }

        _made = true;
    }

    public FileDescriptor? CreateForClone()
    {
        Create();
        return OpenForClone();
    }

    /// <summary>A group's limits are files in it only when its parent hands the controllers on.</summary>
    private void EnableControllers(string folder)
    {
        HashSet<string> enabled = [.. CgroupFiles.Words(folder, "cgroup.subtree_control")];
        foreach (string controller in CgroupFiles.Controllers(folder).Where(c => handsOn?.Contains(c) != false))
        {
            if (!enabled.Contains(controller))
            {
                try
                {
                    CgroupFiles.Write(folder, "cgroup.subtree_control", "+" + controller);
                }
                catch (SyscallException)
                {
                    // Not to be had here (EBUSY: the group holds processes itself); setting such a limit will say so.
                }
            }
        }
    }

    public void Apply(OciResources resources) => Apply(resources, LimitWriter.Plain);

    public Action Change(OciResources resources) => LimitChange.Make(to => Apply(resources, to));

    /// <summary>The hierarchy has it.</summary>
    internal bool Has(string controller) => CgroupFiles.Controllers(mountPoint).Contains(controller);

    internal void Apply(OciResources resources, LimitWriter to)
    {
        if (resources.Devices.Count > 0)
        {
            using FileDescriptor folder = Sys.Open(Folder, OpenMode.ReadOnly | OpenMode.Directory);
            DeviceFilter.Replace(folder, resources.Devices);
        }

        ApplyMemory(resources.Memory, to);
        ApplyCpu(resources.Cpu, to);
        if (resources.Pids is { Limit: var pids } && pids != 0)
        {
            to.Write(Folder, "pids.max", Limit(pids));
        }

        if (resources.BlockIo?.Weight is { } weight and > 0)
        {
            to.Write(Folder, "io.weight", CgroupConversions.IoWeight(weight));
        }

        foreach (OciWeightDevice device in resources.BlockIo?.WeightDevice ?? [])
        {
            if (device.Weight is { } own)
            {
                to.Write(Folder, "io.weight", $"{device.Major}:{device.Minor} {CgroupConversions.IoWeight(own)}");
            }
        }

        ApplyThrottles(resources.BlockIo, to);
        foreach ((string device, OciRdma limit) in resources.Rdma)
        {
            to.Write(Folder, "rdma.max", CgroupConversions.Rdma(device, limit));
        }

        foreach (OciHugepageLimit page in resources.HugepageLimits)
        {
            to.Write(Folder, $"hugetlb.{page.PageSize}.max", page.Limit.ToString(CultureInfo.InvariantCulture));
        }

        foreach ((string file, string value) in resources.Unified)
        {
            if (file.Contains('/', StringComparison.Ordinal))
            {
                throw new SyscallException("open", file, Errno.EINVAL);
            }

            // A host may have the one weight or the other: that of its io cost model, or that of its scheduler BFQ.
            bool byScheduler = file == "io.weight" && !File.Exists($"{Folder}/io.weight") && File.Exists($"{Folder}/io.bfq.weight");
            to.Write(Folder, byScheduler ? "io.bfq.weight" : file, value);
        }
    }

    private void ApplyMemory(OciMemory? memory, LimitWriter to)
    {
        if (memory is null)
        {
            return;
        }

        if (memory is { CheckBeforeUpdate: true, Limit: > 0 and var wanted } && CgroupFiles.ReadNumber(Folder, "memory.current") > (ulong)wanted)
        {
            // v2 would kill until it fits; v1 refuses by itself.
            throw new SyscallException("write", $"memory.max: {wanted} is less than is in use", Errno.EBUSY);
        }

        // v2 limits memory and swap each by itself, so unlike v1 the order of the two does not matter.
        if (memory.Limit is { } limit && limit != 0)
        {
            to.Write(Folder, "memory.max", Limit(limit));
        }

        if (memory.Swap is { } swap && swap != 0)
        {
            ApplySwap(swap, memory.Limit is { } given && given != 0 ? given : CurrentMemoryLimit(), to);
        }

        if (memory.Reservation is { } low && low != 0)
        {
            to.Write(Folder, "memory.low", Limit(low));
        }
    }

    private void ApplySwap(long memoryAndSwap, long memory, LimitWriter to)
    {
        string value = CgroupConversions.SwapAlone(memoryAndSwap, memory) is { } swap ? Limit(swap) : "max";

        // A kernel without swap has no such file, and nothing to limit.
        if (File.Exists(Folder + "/memory.swap.max"))
        {
            to.Write(Folder, "memory.swap.max", value);
        }
    }

    private long CurrentMemoryLimit() =>
        long.TryParse(CgroupFiles.ReadText(Folder, "memory.max"), CultureInfo.InvariantCulture, out long limit) ? limit : -1;

    private void ApplyThrottles(OciBlockIo? io, LimitWriter to)
    {
        if (io is null)
        {
            return;
        }

        foreach ((string key, IReadOnlyList<OciThrottleDevice> devices) in (ReadOnlySpan<(string, IReadOnlyList<OciThrottleDevice>)>)[
            ("rbps", io.ThrottleReadBpsDevice), ("wbps", io.ThrottleWriteBpsDevice),
            ("riops", io.ThrottleReadIopsDevice), ("wiops", io.ThrottleWriteIopsDevice)])
        {
            foreach (OciThrottleDevice device in devices)
            {
                string rate = device.Rate == 0 ? "max" : device.Rate.ToString(CultureInfo.InvariantCulture);
                to.Write(Folder, "io.max", $"{device.Major}:{device.Minor} {key}={rate}");
            }
        }
    }

    private void ApplyCpu(OciCpu? cpu, LimitWriter to)
    {
        if (cpu is null)
        {
            return;
        }

        if (cpu.Shares is { } shares and > 0)
        {
            to.Write(Folder, "cpu.weight", CgroupConversions.CpuWeight(shares));
        }

        if (cpu.Idle is { } idle)
        {
            to.Write(Folder, "cpu.idle", idle);
        }

        if (cpu.Quota is not (null or 0) || cpu.Period is > 0)
        {
            // Both are in one file: what is not given stays.
            (long quota, ulong period) = cpu.QuotaOr(cpu is { Quota: not (null or 0), Period: > 0 } ? ICgroup.NoCpuQuota : CpuQuota);
            to.Write(Folder, "cpu.max", $"{Limit(quota)} {period}");
        }

        if (cpu.Burst is { } burst)
        {
            to.Write(Folder, "cpu.max.burst", (long)burst);
        }

        if (!string.IsNullOrEmpty(cpu.Cpus))
        {
            to.Write(Folder, "cpuset.cpus", cpu.Cpus);
        }

        if (!string.IsNullOrEmpty(cpu.Mems))
        {
            to.Write(Folder, "cpuset.mems", cpu.Mems);
        }
    }

    public (long Quota, ulong Period) CpuQuota => CgroupFiles.Read(Folder, "cpu.max").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [var quota, var period]
        ? (long.TryParse(quota, CultureInfo.InvariantCulture, out long micros) ? micros : -1, ulong.Parse(period, CultureInfo.InvariantCulture))
        : ICgroup.NoCpuQuota;

    private static string Limit(long value) => value < 0 ? "max" : value.ToString(CultureInfo.InvariantCulture);

    public void AddProcess(int pid) => CgroupFiles.Write(Folder, "cgroup.procs", pid);

    public FileDescriptor? OpenForClone() => Sys.Open(Folder, OpenMode.Path);

    public int JoinCount => 0;

    public IReadOnlyList<FileDescriptor> OpenForJoin() => [];

    public IReadOnlyList<int> Processes() => CgroupFiles.Processes(Folder);

    public bool IsFull => false;

    public bool IsFrozen => CgroupFiles.ReadKey(Folder, "cgroup.events", "frozen") == 1;

    public CgroupFreezer OpenFreezer() => CgroupFreezer.OfV2(Folder);

    public void KillAll()
    {
        if (Exists)
        {
            CgroupFiles.Write(Folder, "cgroup.kill", 1);
        }
    }

    public string? NoteOf(string name) => CgroupFiles.NoteOf(Folder, name);

    public void SetNote(string name, string value) => CgroupFiles.SetNote(Folder, name, value);

    public CgroupStatistics Statistics()
    {
        string cpu = CgroupFiles.ReadText(Folder, "cpu.stat"), memory = CgroupFiles.ReadText(Folder, "memory.stat"), events = CgroupFiles.ReadText(Folder, "memory.events");
        string io = CgroupFiles.ReadText(Folder, "io.stat");
        return new(
            CgroupFiles.KeyOf(cpu, "usage_usec"),
            CgroupFiles.KeyOf(cpu, "throttled_usec"),
            CgroupFiles.ReadNumber(Folder, "memory.current"),
            CgroupFiles.ReadNumber(Folder, "memory.peak"),
            CgroupFiles.ReadNumber(Folder, "memory.max"),
            CgroupFiles.KeyOf(events, "oom_kill"),
            CgroupFiles.ReadNumber(Folder, "pids.current"),
            CgroupFiles.ReadNumber(Folder, "pids.max"),
            CgroupFiles.SumIn(io, "rbytes="),
            CgroupFiles.SumIn(io, "wbytes="))
        {
            CpuUserMicros = CgroupFiles.KeyOf(cpu, "user_usec"),
            CpuSystemMicros = CgroupFiles.KeyOf(cpu, "system_usec"),
            CpuPeriods = CgroupFiles.KeyOf(cpu, "nr_periods"),
            ThrottledPeriods = CgroupFiles.KeyOf(cpu, "nr_throttled"),
            MemoryAnonBytes = CgroupFiles.KeyOf(memory, "anon"),
            MemoryFileBytes = CgroupFiles.KeyOf(memory, "file"),
            MemoryReclaimableBytes = Reclaimable(memory),
            SwapBytes = CgroupFiles.ReadNumber(Folder, "memory.swap.current"),
            MemoryHighReached = CgroupFiles.KeyOf(events, "high"),
            MemoryLimitReached = CgroupFiles.KeyOf(events, "max"),
            PidsPeak = CgroupFiles.ReadNumber(Folder, "pids.peak"),
            PidsLimitReached = CgroupFiles.ReadKey(Folder, "pids.events", "max"),
            IoReads = CgroupFiles.SumIn(io, "rios="),
            IoWrites = CgroupFiles.SumIn(io, "wios="),
            Pressure = Pressure,
        };
    }

    internal CgroupPressure? Pressure => CgroupFiles.PressureOf(Folder);

    public CgroupLevels Levels()
    {
        string events = CgroupFiles.ReadText(Folder, "memory.events");
        return new CgroupLevels(
            CgroupFiles.ReadNumber(Folder, "memory.current"), CgroupFiles.ReadNumber(Folder, "pids.current"),
            CgroupFiles.KeyOf(events, "oom_kill"), CgroupFiles.KeyOf(events, "high"), CgroupFiles.ReadKey(Folder, "pids.events", "max"));
    }

    public ulong MemoryReclaimableBytes => Reclaimable(CgroupFiles.ReadText(Folder, "memory.stat"));

    private static ulong Reclaimable(string memoryStat) =>
        CgroupFiles.KeyOf(memoryStat, "active_file") + CgroupFiles.KeyOf(memoryStat, "inactive_file") + CgroupFiles.KeyOf(memoryStat, "slab_reclaimable");

    public ulong HugepageBytes(string pageSize) => CgroupFiles.ReadNumber(Folder, $"hugetlb.{pageSize}.current");

    public IReadOnlyList<string> NotifyingFiles => [$"{Folder}/memory.events", $"{Folder}/pids.events"];

    /// <summary>Not in v2: its limits tell by <see cref="NotifyingFiles"/> that they are reached, and nothing before.</summary>
    public bool TryNotify(EventCounter counter, IReadOnlyList<long> memoryBytes) => false;

    public bool TryRemove()
    {
        bool removed = Sys.TryRemoveDirectory(Folder, out _);
        _made &= !removed;
        return removed;
    }

    public void Remove()
    {
        CgroupFiles.RemoveTree(Folder);
        _made = false;
    }
}
