namespace Quilt.Engine;

/// <summary>What a container may use at most.</summary>
/// <param name="MemoryBytes">At least <see cref="MinimumMemoryBytes"/>.</param>
/// <param name="Cpus">Cores; 0 is no limit but the host's.</param>
/// <param name="Pids">Processes and threads; -1 is no limit.</param>
public sealed record ContainerLimits(long MemoryBytes, double Cpus, long Pids)
{
    /// <summary>Below this the kernel kills the command while it is being loaded.</summary>
    public const long MinimumMemoryBytes = 6L << 20;

    /// <summary>What has no weight of its own has this one.</summary>
    public const int UsualWeight = 100;
    public const int MostCpuWeight = 10_000, MostIoWeight = 1000;

    /// <summary>What one has where its agent is limited and nothing is said.</summary>
    public const long UsualDiskBytes = 1L << 30;

    /// <summary>Nothing is limited: what a group is like before it is given limits.</summary>
    internal static ContainerLimits None { get; } = new(0, 0, 0);

    public static ContainerLimits Default { get; } = new(1L << 30, 0, 1024);

    /// <summary>For its writable layer and its image's volumes together; 0 is no limit but the host's disk.</summary>
    public long DiskBytes { get; init; }

    /// <summary>Beyond this it is slowed down and what it can give back is taken, but nothing is killed; 0 is no such bound. cgroup v2's alone.</summary>
    public long MemoryHighBytes { get; init; }

    /// <summary>Beside its memory; 0 is none.</summary>
    public long SwapBytes { get; init; }

    /// <summary>The CPUs that it may run on, as <see cref="Linux.CpuList"/> reads them; empty: all.</summary>
    public string Cpuset { get => field ?? ""; init; } = "";

    /// <summary>Its share where CPUs are short, 1 to <see cref="MostCpuWeight"/>; 0 is <see cref="UsualWeight"/>.</summary>
    public int CpuWeight { get; init; }

    /// <summary>Its share where a disk is busy, 1 to <see cref="MostIoWeight"/>; 0 is <see cref="UsualWeight"/>.</summary>
    public int IoWeight { get; init; }
    public IReadOnlyList<IoLimit> Io { get => field ?? []; init; } = [];
    public IReadOnlyList<HugepageLimit> Hugepages { get => field ?? []; init; } = [];
}

/// <summary>How fast a disk may be read and written, each second; 0 is no limit.</summary>
/// <param name="Device">As <see cref="Linux.BlockDevices.TryFind"/> knows it; empty: the disk that containers are on.</param>
public sealed record IoLimit(string Device, long ReadBytes, long WriteBytes, long ReadOperations, long WriteOperations)
{
    public override string ToString() =>
        FormattableString.Invariant($"{(Device.Length > 0 ? Device : "own disk")} read {ReadBytes} B/s {ReadOperations}/s, write {WriteBytes} B/s {WriteOperations}/s");
}

/// <param name="PageSize">As the kernel names it: <c>64KB</c>, <c>2MB</c>, <c>1GB</c>.</param>
public sealed record HugepageLimit(string PageSize, long Bytes)
{
    public override string ToString() => FormattableString.Invariant($"{PageSize}: {Bytes}");
}
