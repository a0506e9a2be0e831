using Quilt.Network;

namespace Quilt.Engine;

/// <summary>
/// Tells what was decided on containers' ways to the outside: the first of a kind at once, those like it after it as one, with how many
/// they were. So no container fills the events, and none is lost from the count.
/// </summary>
internal sealed class EgressTelling : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private const int MostKinds = 4096;
    private readonly Lock _lock = new();
    private readonly Dictionary<EgressDecision, long> _untold = [];
    private readonly Queue<EgressDecision> _first = new();
    private readonly Action<EgressDecision, long> _tell;
    private readonly ITimer _timer;
    private long _beyond;

    internal EgressTelling(Action<EgressDecision, long> tell)
    {
        _tell = tell;
        _timer = TimeProvider.System.CreateTimer(_ => Tell(all: true), null, Every, Every);
    }

    /// <summary>Waits for nothing.</summary>
    internal void Add(EgressDecision decision)
    {
        lock (_lock)
        {
            if (_untold.TryGetValue(decision, out long count))
            {
                _untold[decision] = count + 1;
                return;
            }

            if (_untold.Count >= MostKinds)
            {
                _beyond++;
                return;
            }

            _untold.Add(decision, 0);
            _first.Enqueue(decision);
        }

        ThreadPool.QueueUserWorkItem(static telling => telling.Tell(all: false), this, preferLocal: false);
    }

    public void Dispose()
    {
        _timer.Dispose();
        Tell(all: true);
    }

    private void Tell(bool all)
    {
        List<(EgressDecision, long)> told = [];
        lock (_lock)
        {
            while (_first.TryDequeue(out EgressDecision decision))
            {
                told.Add((decision, 1));
            }

            if (all)
            {
                told.AddRange(_untold.Where(u => u.Value > 0).Select(u => (u.Key, u.Value)));
                _untold.Clear();
                if (_beyond > 0)
                {
                    told.Add((new EgressDecision(default, "others", false, "too many different ones to name each"), _beyond));
                    _beyond = 0;
                }
            }
        }

        foreach ((EgressDecision decision, long count) in told)
        {
            _tell(decision, count);
        }
    }
}
