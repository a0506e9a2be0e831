using System.Globalization;
using Quilt.Oci;

namespace Quilt.Linux;

/// <summary>The same group in each of the v1 hierarchies, and in the unified one beside them where there is one.</summary>
/// <param name="taken">Those of <see cref="TakenFromUnified"/> that the unified hierarchy has.</param>
internal sealed partial class CgroupV1(IReadOnlyList<CgroupHierarchy> hierarchies, string path, IReadOnlyList<string> taken) : ICgroup
{
    private const uint UsualFolder = 0x1ED;           // 0755
    private const ulong MicrosPerTick = 10_000;       // USER_HZ is 100 wherever .NET runs

    /// <summary>The group in the unified hierarchy.</summary>
    private readonly CgroupV2? _beside = hierarchies.FirstOrDefault(h => h.IsUnified) is { } unified ? new CgroupV2(unified.MountPoint, path, taken) : null;

    /// <summary>
    /// Controllers that limit alone, and so may be in the unified hierarchy of a host whose others are v1's. Of memory, cpu, pids and io, use and
    /// events are read from v1's files: in the unified hierarchy they are refused.
    /// </summary>
    internal static IReadOnlyList<string> TakenFromUnified { get; } = ["hugetlb", "rdma"];

    public string Path => path;

    public bool Exists => hierarchies.Any(h => Sys.Exists(FolderIn(h)));

    private string FolderIn(CgroupHierarchy hierarchy) => $"{hierarchy.MountPoint}/{path}";

    /// <summary>Where a controller's files are; null where the host has not mounted it.</summary>
    private string? Folder(string controller)
    {
        CgroupHierarchy? hierarchy = hierarchies.FirstOrDefault(h => h.Controllers.Contains(controller));
        return hierarchy is null ? null : FolderIn(hierarchy);
    }

    private string Require(string controller) => Folder(controller) ?? throw new SyscallException(
        "open", $"cgroup controller {controller}{(_beside?.Has(controller) == true ? ", which is in the unified hierarchy here, beside v1's" : "")}", Errno.ENODEV);

    /// <summary>Where the unified hierarchy has it alone.</summary>
    private CgroupV2? Beside(string controller) => Folder(controller) is null && taken.Contains(controller) ? _beside : null;

    public void Create()
    {
        foreach (CgroupHierarchy hierarchy in hierarchies)
        {
            bool cpuset = hierarchy.Controllers.Contains("cpuset");
            if (cpuset)
            {
                MakeParentsOfCpuset(hierarchy.MountPoint, path);
            }

            if (hierarchy.IsUnified)
            {
                _beside!.Create();
                continue;
            }

            Sys.MakeDirectories(hierarchy.MountPoint, path, UsualFolder);
            if (cpuset)
            {
                InheritCpuset(hierarchy.MountPoint, path, "cpuset.cpus");
                InheritCpuset(hierarchy.MountPoint, path, "cpuset.mems");
            }
        }
    }

    /// <summary>
    /// What is in the groups that are ours begins with what they have. To write it into each costs a look at all beside it, whose
    /// number may be large.
    /// </summary>
    /// <seealso href="https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html">clone_children</seealso>
    private static void MakeParentsOfCpuset(string root, string group)
    {
        int last = group.LastIndexOf('/');
        if (last < 0 || Sys.Exists($"{root}/{group[..last]}"))
        {
            return;
        }

        for (int end = group.IndexOf('/', StringComparison.Ordinal); end >= 0; end = group.IndexOf('/', end + 1))
        {
            string folder = $"{root}/{group[..end]}";
            if (Sys.TryMakeDirectory(folder, UsualFolder))
            {
                CgroupFiles.Write(folder, "cgroup.clone_children", 1);
            }
        }
    }

    /// <summary>A new cpuset may be empty, and an empty one takes no process: it begins with its parent's.</summary>
    private static string InheritCpuset(string root, string group, string file)
    {
        string folder = group.Length == 0 ? root : $"{root}/{group}";
        string own = CgroupFiles.ReadText(folder, file).Trim();
        if (own.Length > 0 || group.Length == 0)
        {
            return own;
        }

        string inherited = InheritCpuset(root, group[..Math.Max(0, group.LastIndexOf('/'))], file);
        CgroupFiles.Write(folder, file, inherited);
        return inherited;
    }

    public void AddProcess(int pid)
    {
        foreach (CgroupHierarchy hierarchy in hierarchies)
        {
            CgroupFiles.Write(FolderIn(hierarchy), "cgroup.procs", pid);
        }
    }

    public FileDescriptor? CreateForClone()
    {
        _beside?.Create();
        return OpenForClone();
    }

    public FileDescriptor? OpenForClone() => _beside?.OpenForClone();

    public int JoinCount => hierarchies.Count(h => !h.IsUnified);

    public IReadOnlyList<FileDescriptor> OpenForJoin()
    {
        List<FileDescriptor> files = [];
        try
        {
            foreach (CgroupHierarchy hierarchy in hierarchies)
            {
                if (!hierarchy.IsUnified)
                {
                    files.Add(Sys.Open(FolderIn(hierarchy) + "/tasks", OpenMode.WriteOnly));
                }
            }

            return files;
        }
        catch
        {
            files.ForEach(f => f.Dispose());
            throw;
        }
    }

    /// <summary>Of all hierarchies: one that was joined or left half has it in some alone.</summary>
    public IReadOnlyList<int> Processes() => [.. hierarchies.SelectMany(h => CgroupFiles.Processes(FolderIn(h))).Distinct()];

    public bool IsFull => Folder("pids") is { } folder
        && CgroupFiles.ReadNumber(folder, "pids.max") is > 0 and ulong limit && CgroupFiles.ReadNumber(folder, "pids.current") >= limit;

    public bool IsFrozen => Folder("freezer") is { } folder && CgroupFiles.ReadText(folder, "freezer.state").Trim() == "FROZEN";

    public CgroupFreezer OpenFreezer() => CgroupFreezer.OfV1(Require("freezer"));

    public (long Quota, ulong Period) CpuQuota => Folder("cpu") is { } folder
        && long.TryParse(CgroupFiles.Read(folder, "cpu.cfs_quota_us"), CultureInfo.InvariantCulture, out long quota)
        && ulong.TryParse(CgroupFiles.Read(folder, "cpu.cfs_period_us"), CultureInfo.InvariantCulture, out ulong period) && period > 0 ? (quota, period) : ICgroup.NoCpuQuota;

    /// <summary>Frozen first, so that none can fork away; the signal is taken when they thaw.</summary>
    public void KillAll()
    {
        if (!Exists)
        {
            return;
        }

        // One that was made or removed half may be in some hierarchies alone.
        using CgroupFreezer? freezer = Folder("freezer") is { } folder && Sys.Exists(folder) ? CgroupFreezer.OfV1(folder) : null;
        freezer?.Set(true);
        try
        {
            foreach (int pid in Processes())
            {
                Sys.Kill(pid, 9);
            }
        }
        finally
        {
            freezer?.Set(false);
        }
    }

    public string? NoteOf(string name) => CgroupFiles.NoteOf(FolderIn(hierarchies[0]), name);

    public void SetNote(string name, string value) => CgroupFiles.SetNote(FolderIn(hierarchies[0]), name, value);

    public CgroupStatistics Statistics()
    {
        string cpu = CgroupFiles.ReadText(Folder("cpu") ?? "", "cpu.stat"), accounting = Folder("cpuacct") ?? "", memory = Folder("memory") ?? "", pids = Folder("pids") ?? "", io = Folder("blkio") ?? "";
        string memoryStat = CgroupFiles.ReadText(memory, "memory.stat"), times = CgroupFiles.ReadText(accounting, "cpuacct.stat");
        string bytes = CgroupFiles.ReadText(io, "blkio.throttle.io_service_bytes_recursive"), operations = CgroupFiles.ReadText(io, "blkio.throttle.io_serviced_recursive");
        ulong limit = CgroupFiles.ReadNumber(memory, "memory.limit_in_bytes"), used = CgroupFiles.ReadNumber(memory, "memory.usage_in_bytes"), withSwap = CgroupFiles.ReadNumber(memory, "memory.memsw.usage_in_bytes");
        return new CgroupStatistics(
            CgroupFiles.ReadNumber(accounting, "cpuacct.usage") / 1000,
            CgroupFiles.KeyOf(cpu, "throttled_time") / 1000,
            used,
            CgroupFiles.ReadNumber(memory, "memory.max_usage_in_bytes"),
            limit >= CgroupFiles.NoLimit ? 0 : limit,
            CgroupFiles.ReadKey(memory, "memory.oom_control", "oom_kill"),
            CgroupFiles.ReadNumber(pids, "pids.current"),
            CgroupFiles.ReadNumber(pids, "pids.max"),
            CgroupFiles.SumIn(bytes, "Read "),
            CgroupFiles.SumIn(bytes, "Write "))
        {
            CpuUserMicros = CgroupFiles.KeyOf(times, "user") * MicrosPerTick,
            CpuSystemMicros = CgroupFiles.KeyOf(times, "system") * MicrosPerTick,
            CpuPeriods = CgroupFiles.KeyOf(cpu, "nr_periods"),
            ThrottledPeriods = CgroupFiles.KeyOf(cpu, "nr_throttled"),
            MemoryAnonBytes = CgroupFiles.KeyOf(memoryStat, "total_rss"),
            MemoryFileBytes = CgroupFiles.KeyOf(memoryStat, "total_cache"),
            MemoryReclaimableBytes = Reclaimable(memoryStat),
            SwapBytes = withSwap > used ? withSwap - used : 0,
            MemoryLimitReached = CgroupFiles.ReadNumber(memory, "memory.failcnt"),
            PidsPeak = CgroupFiles.ReadNumber(pids, "pids.peak"),
            PidsLimitReached = CgroupFiles.ReadKey(pids, "pids.events", "max"),
            IoReads = CgroupFiles.SumIn(operations, "Read "),
            IoWrites = CgroupFiles.SumIn(operations, "Write "),
            Pressure = _beside?.Pressure,
        };
    }

    public ulong HugepageBytes(string pageSize) => Beside("hugetlb") is { } beside ? beside.HugepageBytes(pageSize) : CgroupFiles.ReadNumber(Folder("hugetlb") ?? "", $"hugetlb.{pageSize}.usage_in_bytes");

    public CgroupLevels Levels()
    {
        string memory = Folder("memory") ?? "", pids = Folder("pids") ?? "";
        return new CgroupLevels(
            CgroupFiles.ReadNumber(memory, "memory.usage_in_bytes"), CgroupFiles.ReadNumber(pids, "pids.current"),
            CgroupFiles.ReadKey(memory, "memory.oom_control", "oom_kill"), 0, CgroupFiles.ReadKey(pids, "pids.events", "max"));
    }

    public ulong MemoryReclaimableBytes => Reclaimable(CgroupFiles.ReadText(Folder("memory") ?? "", "memory.stat"));

    private static ulong Reclaimable(string memoryStat) => CgroupFiles.KeyOf(memoryStat, "total_active_file") + CgroupFiles.KeyOf(memoryStat, "total_inactive_file");

    public IReadOnlyList<string> NotifyingFiles => [];

    /// <summary>Documentation/admin-guide/cgroup-v1/memory.rst, 'Memory thresholds' and 'OOM Control'.</summary>
    public bool TryNotify(EventCounter counter, IReadOnlyList<long> memoryBytes)
    {
        if (Folder("memory") is not { } folder)
        {
            return false;
        }

        using FileDescriptor usage = Sys.Open($"{folder}/memory.usage_in_bytes", OpenMode.ReadOnly), outOfMemory = Sys.Open($"{folder}/memory.oom_control", OpenMode.ReadOnly);
        foreach (long threshold in memoryBytes)
        {
            CgroupFiles.Write(folder, "cgroup.event_control", string.Create(CultureInfo.InvariantCulture, $"{counter.File.Number} {usage.Number} {threshold}"));
        }

        CgroupFiles.Write(folder, "cgroup.event_control", string.Create(CultureInfo.InvariantCulture, $"{counter.File.Number} {outOfMemory.Number}"));
        return true;
    }

    public bool TryRemove() => hierarchies.All(h => h.IsUnified ? _beside!.TryRemove() : Sys.TryRemoveDirectory(FolderIn(h), out _));

    public void Remove()
    {
        foreach (CgroupHierarchy hierarchy in hierarchies.Where(h => !h.IsUnified))
        {
            CgroupFiles.RemoveTree(FolderIn(hierarchy));
        }

        _beside?.Remove();
    }
}
