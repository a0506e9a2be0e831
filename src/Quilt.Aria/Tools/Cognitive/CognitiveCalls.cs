using Quilt.Core;

namespace Quilt.Aria;

/// <summary>How many calls of cognitive tools run, of each agent with all below it: each is a process, and all of them share one group's limits.</summary>
internal sealed class CognitiveCalls
{
    internal const int Most = 8;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);

    /// <summary>Until it is disposed of, one more runs.</summary>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IDisposable Enter(Agent agent)
    {
        string[] counted = [.. agent.Chain.Where(a => !a.IsOperator).Select(a => a.Id)];
        lock (_lock)
        {
            if (agent.Chain.FirstOrDefault(a => !a.IsOperator && _running.GetValueOrDefault(a.Id) >= Most) is { } full)
            {
                throw new QuiltException(ErrorCode.ResourceExhausted, $"{Most} calls of cognitive tools run for the agent '{full.Name}' and those below it, and no more do at once", "wait until one of them has ended");
            }

            Add(counted, 1);
        }

        return new Call(this, counted);
    }

    private void Add(string[] agents, int more)
    {
        foreach (string agent in agents)
        {
            int now = _running.GetValueOrDefault(agent) + more;
            if (now == 0)
            {
                _running.Remove(agent);
            }
            else
            {
                _running[agent] = now;
            }
        }
    }

    private sealed class Call(CognitiveCalls calls, string[] counted) : IDisposable
    {
        public void Dispose()
        {
            lock (calls._lock)
            {
                calls.Add(counted, -1);
            }
        }
    }
}
