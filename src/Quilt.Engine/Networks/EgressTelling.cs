using Quilt.Core;
using Quilt.Network;

namespace Quilt.Engine;

/// <summary>
/// Tells what was decided on containers' ways to the outside: the first of a kind at once, those like it after it as one, with how many
/// they were. So no container fills the events, and none is lost from the count.
/// </summary>
internal sealed class EgressTelling : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private const int MostKindsOfOne = 64;
    private const string Others = "others", TooMany = "too many different ones to name each";
    private readonly Lock _lock = new();
    private readonly Dictionary<EgressDecision, long> _untold = [];
    private readonly Dictionary<ContainerId, int> _kinds = [];
    private readonly Queue<EgressDecision> _first = new();
    private readonly Action<EgressDecision, long> _tell;
    private readonly ITimer _timer;

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
            int kinds = _kinds.GetValueOrDefault(decision.Container);
            if (kinds >= MostKindsOfOne && !_untold.ContainsKey(decision))
            {
                decision = decision with { Wanted = Others, Rule = TooMany };
            }

            if (_untold.TryGetValue(decision, out long count))
            {
                _untold[decision] = count + 1;
                return;
            }

            _kinds[decision.Container] = kinds + 1;
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
                _kinds.Clear();
            }
        }

        foreach ((EgressDecision decision, long count) in told)
        {
            _tell(decision, count);
        }
    }
}
