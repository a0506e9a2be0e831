using System.Diagnostics;
using Quilt.Api.V1;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>Readings of usage, and the share of CPU between each and the one before.</summary>
internal sealed class CpuMeter
{
    private readonly Dictionary<string, (ulong Micros, long At)> _before = new(StringComparer.Ordinal);

    internal IReadOnlyList<ContainerStats> Read(IReadOnlyList<ContainerUsage> usages) => [.. usages.Select(Read)];

    private ContainerStats Read(ContainerUsage usage)
    {
        string id = usage.Container.Id.Value;
        long now = Stopwatch.GetTimestamp();
        Linux.CgroupStatistics used = usage.Statistics;
        double percent = 0;
        if (_before.TryGetValue(id, out (ulong Micros, long At) before) && used.CpuUsageMicros >= before.Micros)
        {
            double elapsedMicros = Stopwatch.GetElapsedTime(before.At, now).TotalMicroseconds;
            percent = elapsedMicros > 0 ? (used.CpuUsageMicros - before.Micros) / elapsedMicros * 100 : 0;
        }

        _before[id] = (used.CpuUsageMicros, now);
        return new ContainerStats
        {
            Container = id,
            Name = usage.Container.Name.Value,
            CpuUsageMicros = used.CpuUsageMicros,
            CpuPercent = percent,
            MemoryBytes = used.MemoryBytes,
            MemoryLimitBytes = used.MemoryLimitBytes,
            MemoryPeakBytes = used.MemoryPeakBytes,
            Pids = used.Pids,
            PidsLimit = used.PidsLimit,
            IoReadBytes = used.IoReadBytes,
            IoWriteBytes = used.IoWriteBytes,
            ThrottledMicros = used.ThrottledMicros,
            OomKills = used.OomKills,
            NetworkReceivedBytes = usage.Network.ReceivedBytes,
            NetworkSentBytes = usage.Network.SentBytes,
            MemoryReclaimableBytes = used.MemoryReclaimableBytes,
            SwapBytes = used.SwapBytes,
            PidsLimitReached = used.PidsLimitReached,
            CpuPressure = used.Pressure?.Cpu.SomePercent ?? 0,
            MemoryPressure = used.Pressure?.Memory.SomePercent ?? 0,
            IoPressure = used.Pressure?.Io.SomePercent ?? 0,
        };
    }
}
