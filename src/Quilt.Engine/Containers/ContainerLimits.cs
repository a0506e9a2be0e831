namespace Quilt.Engine;

/// <summary>What a container may use at most. Swap is always 0.</summary>
/// <param name="MemoryBytes">At least <see cref="MinimumMemoryBytes"/>.</param>
/// <param name="Cpus">Cores; 0 is no limit but the host's.</param>
/// <param name="Pids">Processes and threads; -1 is no limit.</param>
public sealed record ContainerLimits(long MemoryBytes, double Cpus, long Pids)
{
    /// <summary>Below this the kernel kills the command while it is being loaded.</summary>
    public const long MinimumMemoryBytes = 6L << 20;

    /// <summary>For its writable layer and its image's volumes together; 0 is no limit but the host's disk.</summary>
    public long DiskBytes { get; init; }

    /// <summary>What one has where its agent is limited and nothing is said.</summary>
    public const long UsualDiskBytes = 1L << 30;

    public static ContainerLimits Default { get; } = new(1L << 30, 0, 1024);
}
