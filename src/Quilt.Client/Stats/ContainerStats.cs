using Google.Protobuf.WellKnownTypes;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>A reading of what a container uses. Sizes are bytes.</summary>
public sealed record ContainerStats
{
    public required DateTimeOffset Time { get; init; }
    public required string Container { get; init; }
    public required string Name { get; init; }
    public required TimeSpan CpuTime { get; init; }

    /// <summary>Since the reading before; 100 is one core.</summary>
    public required double CpuPercent { get; init; }
    public required ulong MemoryBytes { get; init; }
    public required ulong MemoryLimitBytes { get; init; }
    public required ulong MemoryPeakBytes { get; init; }
    public required ulong Pids { get; init; }
    public required ulong PidsLimit { get; init; }
    public required ulong ReadBytes { get; init; }
    public required ulong WrittenBytes { get; init; }
    public required ulong OutOfMemoryKills { get; init; }

    internal static ContainerStats Of(Wire.ContainerStats s, Timestamp? time) => new()
    {
        Time = time?.ToDateTimeOffset() ?? default,
        Container = s.Container,
        Name = s.Name,
        CpuTime = TimeSpan.FromMicroseconds(s.CpuUsageMicros),
        CpuPercent = s.CpuPercent,
        MemoryBytes = s.MemoryBytes,
        MemoryLimitBytes = s.MemoryLimitBytes,
        MemoryPeakBytes = s.MemoryPeakBytes,
        Pids = s.Pids,
        PidsLimit = s.PidsLimit,
        ReadBytes = s.IoReadBytes,
        WrittenBytes = s.IoWriteBytes,
        OutOfMemoryKills = s.OomKills,
    };
}
