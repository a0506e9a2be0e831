using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>What is to be told of a run's way up to its limits: each level once, until the use has fallen well below it.</summary>
internal sealed class LimitJudge
{
    private const int FallsBy = 5;
    private const string OutOfMemory = "oom", Reached = "100";
    private static readonly int[] PercentLevels = [80, 95];

    /// <summary>A bound that is met again and again is told this seldom.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, (ulong Count, TimeSpan At)> _counted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _levels = new(StringComparer.Ordinal);

    /// <summary>It was told already, by a daemon before this one.</summary>
    /// <param name="value">As <see cref="LimitReached"/> has it.</param>
    internal void Remember(string limit, string level, ulong value)
    {
        if (int.TryParse(level, out int percent) && PercentLevels.Contains(percent))
        {
            _levels[limit] = percent;
        }
        else
        {
            _counted[limit + level] = (value, TimeSpan.Zero);
        }
    }

    /// <param name="reclaimable">Bytes that the kernel takes back by itself; asked where it matters.</param>
    /// <param name="now">On a clock that only goes on.</param>
    internal IReadOnlyList<LimitReached> Judge(CgroupLevels levels, Func<ulong> reclaimable, ContainerLimits limits, TimeSpan now)
    {
        List<LimitReached> reached = [];
        ulong memory = levels.MemoryBytes;
        if (memory >= (ulong)limits.MemoryBytes / 100 * (ulong)PercentLevels[0])
        {
            // A limit full of files' content is none that anything waits for.
            ulong taken = reclaimable();
            memory = memory > taken ? memory - taken : 0;
        }

        Level("memory", memory, limits.MemoryBytes);
        Level("pids", levels.Pids, limits.Pids);
        Count("memory", OutOfMemory, levels.OomKills, limits.MemoryBytes);
        Count("memoryHigh", Reached, levels.MemoryHighReached, limits.MemoryHighBytes);
        Count("pids", Reached, levels.PidsLimitReached, limits.Pids);
        return reached;

        void Level(string limit, ulong used, long most)
        {
            int percent = most > 0 ? (int)Math.Min(100, used * 100 / (ulong)most) : 0;
            int told = _levels.GetValueOrDefault(limit);
            int level = PercentLevels.LastOrDefault(l => percent >= l);
            if (level > told)
            {
                reached.Add(new LimitReached(limit, $"{level}", LimitReached.Used, used, most));
            }

            _levels[limit] = level > told || percent < told - FallsBy ? level : told;
        }

        void Count(string limit, string level, ulong count, long most)
        {
            (ulong told, TimeSpan at) = _counted.GetValueOrDefault(limit + level);
            if (count > told && (told == 0 || now - at >= Between))
            {
                reached.Add(new LimitReached(limit, level, LimitReached.Times, count, most));
                _counted[limit + level] = (count, now);
            }
        }
    }
}
