namespace Quilt.Linux;

/// <summary>The few numbers of a group that tell whether it comes near its limits: cheaper to read than <see cref="CgroupStatistics"/>.</summary>
/// <param name="OomKills">The last three count from the group's making.</param>
public readonly record struct CgroupLevels(ulong MemoryBytes, ulong Pids, ulong OomKills, ulong MemoryHighReached, ulong PidsLimitReached);
