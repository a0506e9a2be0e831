using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>The watch over one run's limits.</summary>
/// <param name="watches">Whose it is.</param>
/// <param name="limits">As they are at the moment.</param>
/// <param name="judge">Knows what was told of this run already.</param>
/// <param name="tell">Is called for what is to be told, on the watches' thread or one of the pool; it blocks none.</param>
internal sealed class LimitWatch(LimitWatches watches, ICgroup group, Func<ContainerLimits> limits, LimitJudge judge, Action<LimitWatch> tell)
{
    private readonly List<LimitReached> _untold = [];

    internal ICgroup Group => group;

    internal LimitJudge Judged => judge;

    /// <summary>Bytes in use at which it is looked at again.</summary>
    internal IReadOnlyList<long> MemoryBounds => [limits().MemoryBytes / 100 * 80, limits().MemoryBytes / 100 * 95];

    /// <summary>By whom the kernel speaks of it: the numbers of its files' watches, and v1's counter. The watches' thread's alone.</summary>
    internal List<int> Files { get; } = [];
    internal EventCounter? Counter { get; set; }

    /// <summary>The watches' thread's alone.</summary>
    internal ulong Token { get; set; }

    internal void Look(TimeSpan now)
    {
        if (Judge(group.Levels(), () => group.MemoryReclaimableBytes, now))
        {
            tell(this);
        }
    }

    /// <summary>What nobody has seen yet when the run is over: the kernel does not tell all, and a run may be short.</summary>
    /// <param name="used">Where it was read already.</param>
    internal IReadOnlyList<LimitReached> LookLast(CgroupStatistics? used)
    {
        Judge(used?.ToLevels() ?? group.Levels(), () => used?.MemoryReclaimableBytes ?? group.MemoryReclaimableBytes, TimeSpan.MaxValue);
        return TakeUntold();
    }

    /// <summary>Whoever takes it tells it: each once.</summary>
    internal IReadOnlyList<LimitReached> TakeUntold()
    {
        lock (judge)
        {
            LimitReached[] untold = [.. _untold];
            _untold.Clear();
            return untold;
        }
    }

    internal void End() => watches.End(this);

    /// <returns>Whether there is something to tell.</returns>
    private bool Judge(CgroupLevels levels, Func<ulong> reclaimable, TimeSpan now)
    {
        // The watch before, of other limits, may be looking still.
        lock (judge)
        {
            _untold.AddRange(judge.Judge(levels, reclaimable, limits(), now));
            return _untold.Count > 0;
        }
    }
}
