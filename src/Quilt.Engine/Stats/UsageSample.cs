using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>What a container had used at a moment, as far as a window is made of it.</summary>
/// <param name="At">On a clock that only goes on.</param>
public readonly record struct UsageSample(
    TimeSpan At, ulong CpuMicros, ulong ThrottledMicros, ulong MemoryBytes, ulong Pids, ulong OomKills, ulong IoReadBytes, ulong IoWriteBytes,
    ulong NetworkReceivedBytes, ulong NetworkSentBytes, ulong CpuStallMicros, ulong MemoryStallMicros, ulong IoStallMicros)
{
    internal static UsageSample Of(TimeSpan at, CgroupStatistics used, NetworkCounters network) => new(
        at, used.CpuUsageMicros, used.ThrottledMicros, used.MemoryBytes, used.Pids, used.OomKills, used.IoReadBytes, used.IoWriteBytes,
        network.ReceivedBytes, network.SentBytes, used.Pressure?.Cpu.SomeMicros ?? 0, used.Pressure?.Memory.SomeMicros ?? 0, used.Pressure?.Io.SomeMicros ?? 0);
}
