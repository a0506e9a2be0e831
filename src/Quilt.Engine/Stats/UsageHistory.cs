namespace Quilt.Engine;

/// <summary>
/// The last minutes of the few containers that somebody asks about: nobody pays for the others. A container is read each second from
/// the first question on, until it ends or nobody has asked for a while.
/// </summary>
internal sealed class UsageHistory : IDisposable
{
    private const int MostWatched = 64;
    internal static readonly TimeSpan Every = TimeSpan.FromSeconds(1), Kept = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);
    private readonly Lock _lock = new();
    private readonly Dictionary<Container, Watched> _watched = [];
    private readonly Func<Container, DateTimeOffset, UsageSample?> _read;
    private readonly Func<TimeSpan> _clock;
    private readonly ITimer _timer;
    private bool _ticking;

    /// <param name="read">Null where that run is over.</param>
    internal UsageHistory(Func<Container, DateTimeOffset, UsageSample?> read, Func<TimeSpan> clock, TimeProvider? time = null)
    {
        (_read, _clock) = (read, clock);
        _timer = (time ?? TimeProvider.System).CreateTimer(_ => ReadAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is known of a run up to now, oldest first; from now on more.</summary>
    internal IReadOnlyList<UsageSample> Ask(Container container, DateTimeOffset run)
    {
        lock (_lock)
        {
            if (!_watched.TryGetValue(container, out Watched? watched) || watched.Run != run)
            {
                _watched[container] = watched = new Watched(run);
                Drop();
            }

            watched.AskedAt = _clock();
            Tick();
            return [.. watched.Samples];
        }
    }

    /// <summary>Remembers what was read to answer a question, as the beginning of later windows.</summary>
    internal void Add(Container container, DateTimeOffset run, UsageSample sample)
    {
        lock (_lock)
        {
            if (_watched.TryGetValue(container, out Watched? watched) && watched.Run == run && watched.Samples.Count == 0)
            {
                watched.Samples.Enqueue(sample);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void ReadAll()
    {
        (Container Container, Watched Watched)[] all;
        lock (_lock)
        {
            _ticking = false;
            all = [.. _watched.Select(w => (w.Key, w.Value))];
        }

        foreach ((Container container, Watched watched) in all)
        {
            UsageSample? sample = _read(container, watched.Run);
            lock (_lock)
            {
                TimeSpan now = _clock();
                if (sample is not { } read || now - watched.AskedAt > Forgotten)
                {
                    Forget(container, watched);
                    continue;
                }

                watched.Samples.Enqueue(read);
                while (now - watched.Samples.Peek().At > Kept + Every)
                {
                    watched.Samples.Dequeue();
                }
            }
        }

        lock (_lock)
        {
            Tick();
        }
    }

    private void Forget(Container container, Watched watched)
    {
        if (_watched.GetValueOrDefault(container) == watched)
        {
            _watched.Remove(container);
        }
    }

    private void Drop()
    {
        if (_watched.Count > MostWatched)
        {
            _watched.Remove(_watched.MinBy(w => w.Value.AskedAt).Key);
        }
    }

    /// <summary>The next round begins when the one before has ended: a slow one is not caught up with.</summary>
    private void Tick()
    {
        if (!_ticking && _watched.Count > 0)
        {
            _ticking = true;
            _timer.Change(Every, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Watched(DateTimeOffset run)
    {
        internal DateTimeOffset Run => run;
        internal TimeSpan AskedAt { get; set; }
        internal Queue<UsageSample> Samples { get; } = [];
    }
}
