using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>The watch over one run's limits.</summary>
/// <param name="limits">As they are at the moment.</param>
/// <param name="tell">Is called for what is to be told, on the watches' thread or one of the pool; it blocks none.</param>
internal sealed class LimitWatch(ICgroup group, Func<ContainerLimits> limits, Action<IReadOnlyList<LimitReached>> tell)
{
    private readonly LimitJudge _judge = new();

    internal ICgroup Group => group;

    /// <summary>Bytes in use at which it is looked at again.</summary>
    internal IReadOnlyList<long> MemoryBounds => [limits().MemoryBytes / 100 * 80, limits().MemoryBytes / 100 * 95];

    /// <summary>By whom the kernel speaks of it: the numbers of its files' watches, and v1's counter. The watches' thread's alone.</summary>
    internal List<int> Files { get; } = [];
    internal EventCounter? Counter { get; set; }

    /// <summary>The watches' thread's alone.</summary>
    internal ulong Token { get; set; }

    internal void Look(TimeSpan now)
    {
        IReadOnlyList<LimitReached> reached = _judge.Judge(group.Levels(), () => group.MemoryReclaimableBytes, limits(), now);
        if (reached.Count > 0)
        {
            tell(reached);
        }
    }
}
