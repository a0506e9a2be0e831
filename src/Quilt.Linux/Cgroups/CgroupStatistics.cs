using System.Text.Json.Serialization;

namespace Quilt.Linux;

/// <summary>What a group has used, with all below it. Zero where the kernel does not tell.</summary>
/// <param name="MemoryLimitBytes">0 is no limit.</param>
/// <param name="IoReadBytes">From block devices, as far as the host counts them.</param>
/// <param name="OomKills">How many of its processes the kernel killed for memory; in v1 without those of groups below.</param>
public sealed record CgroupStatistics(
    ulong CpuUsageMicros, ulong ThrottledMicros, ulong MemoryBytes, ulong MemoryPeakBytes, ulong MemoryLimitBytes, ulong OomKills, ulong Pids, ulong PidsLimit,
    ulong IoReadBytes, ulong IoWriteBytes)
{
    public static CgroupStatistics None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    public ulong CpuUserMicros { get; init; }
    public ulong CpuSystemMicros { get; init; }

    /// <summary>Periods of its CPU limit in which it wanted to run, and those of them in which the limit held it back.</summary>
    public ulong CpuPeriods { get; init; }
    public ulong ThrottledPeriods { get; init; }
    public ulong MemoryAnonBytes { get; init; }

    /// <summary>Of files, those in memory included.</summary>
    public ulong MemoryFileBytes { get; init; }

    /// <summary>What the kernel takes back by itself where memory is short: content of files on disks.</summary>
    public ulong MemoryReclaimableBytes { get; init; }
    public ulong SwapBytes { get; init; }

    /// <summary>How often memory.high slowed it down (v2).</summary>
    public ulong MemoryHighReached { get; init; }

    /// <summary>How often it had no more room, and something had to be given back or killed.</summary>
    public ulong MemoryLimitReached { get; init; }

    /// <summary>Since Linux 6.11 and there alone.</summary>
    public ulong PidsPeak { get; init; }

    /// <summary>How many forks were refused.</summary>
    public ulong PidsLimitReached { get; init; }
    public ulong IoReads { get; init; }
    public ulong IoWrites { get; init; }

    /// <summary>Null where the kernel does not tell: built without it, or v1 without a unified hierarchy beside it.</summary>
    public CgroupPressure? Pressure { get; init; }

    /// <summary>Of a group without processes: what was used until then; nothing is in use.</summary>
    public CgroupStatistics AtItsEnd() => this with
    {
        MemoryBytes = 0, MemoryAnonBytes = 0, MemoryFileBytes = 0, MemoryReclaimableBytes = 0, SwapBytes = 0, Pids = 0, Pressure = null,
    };

    public CgroupLevels ToLevels() => new(MemoryBytes, Pids, OomKills, MemoryHighReached, PidsLimitReached);

    /// <summary>What no reclaim makes less.</summary>
    [JsonIgnore]
    public ulong MemoryHeldBytes => MemoryBytes > MemoryReclaimableBytes ? MemoryBytes - MemoryReclaimableBytes : 0;
}
