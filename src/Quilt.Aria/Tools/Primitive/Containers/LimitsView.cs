using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>See <see cref="ContainerLimits"/>.</summary>
public sealed record LimitsView
{
    [Description("Bytes.")]
    public required long Memory { get; init; }

    [Description("Bytes; 0 is no such bound.")]
    public required long MemoryHigh { get; init; }

    [Description("Bytes beside the memory.")]
    public required long Swap { get; init; }

    [Description("Cores; 0 is no limit of its own.")]
    public required double Cpus { get; init; }

    [Description("Empty is all.")]
    public required string Cpuset { get; init; }
    public required int CpuWeight { get; init; }

    [Description("-1 is no limit of its own.")]
    public required long Pids { get; init; }

    [Description("Left out: as usual.")]
    public ulong? Files { get; init; }
    public required int IoWeight { get; init; }
    public required IReadOnlyList<IoLimitView> Io { get; init; }
    public required IReadOnlyList<HugepageLimitView> Hugepages { get; init; }

    internal static LimitsView Of(ContainerSpec spec) => new()
    {
        Memory = spec.Limits.MemoryBytes,
        MemoryHigh = spec.Limits.MemoryHighBytes,
        Swap = spec.Limits.SwapBytes,
        Cpus = spec.Limits.Cpus,
        Cpuset = spec.Limits.Cpuset,
        CpuWeight = Weight(spec.Limits.CpuWeight),
        Pids = spec.Limits.Pids,
        Files = spec.Ulimits.FirstOrDefault(u => u.Name == "RLIMIT_NOFILE")?.Soft,
        IoWeight = Weight(spec.Limits.IoWeight),
        Io = [.. spec.Limits.Io.Select(l => new IoLimitView { Device = l.Device, ReadBps = l.ReadBytes, WriteBps = l.WriteBytes, ReadIops = l.ReadOperations, WriteIops = l.WriteOperations })],
        Hugepages = [.. spec.Limits.Hugepages.Select(h => new HugepageLimitView { Size = h.PageSize, Limit = h.Bytes })],
    };

    private static int Weight(int weight) => weight == 0 ? ContainerLimits.UsualWeight : weight;
}

public sealed record IoLimitView
{
    [Description("Empty is the disk that containers are on.")]
    public required string Device { get; init; }

    [Description("Bytes a second; 0 is no limit.")]
    public required long ReadBps { get; init; }
    public required long WriteBps { get; init; }
    public required long ReadIops { get; init; }
    public required long WriteIops { get; init; }
}

public sealed record HugepageLimitView
{
    public required string Size { get; init; }

    [Description("Bytes.")]
    public required long Limit { get; init; }
}
