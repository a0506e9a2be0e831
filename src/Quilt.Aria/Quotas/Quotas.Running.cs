namespace Quilt.Aria;

/// <summary>What an agent, with all below it, does at once.</summary>
public sealed partial class Quotas
{
    /// <summary>As errors know one of the Model Context Protocol. What is open is bounded for each, so that nobody's connections push another's out.</summary>
    private const string Connection = "connections";

    /// <summary>As errors know a call of a cognitive tool. Each is a process, and all of them share one group's limits.</summary>
    private const string Cognitive = "cognitive";
    private const int UsualCalls = 256, MostConnections = 256;

    /// <summary>Calls of cognitive tools.</summary>
    internal const int MostCognitive = 8;
    private readonly Dictionary<(string Agent, Kind Kind), int> _running = [];

    /// <summary>How many commands of each agent that limits them have gone to the background so far.</summary>
    private readonly Dictionary<string, long> _toBackground = new(StringComparer.Ordinal);

    private enum Kind
    {
        Calls,
        Execs,
        Connections,
        Cognitive,
    }

    internal static bool LimitsExecs(Agent agent) => agent.Config.Grant.Limits.Execs is not null;

    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IDisposable? EnterCall(Agent agent) => Enter(agent, Kind.Calls, "calls", each => each.Config.Grant.Limits.Calls ?? UsualCalls, "calls at once");

    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    public IDisposable? EnterConnection(Agent agent) => Enter(agent, Kind.Connections, Connection, _ => MostConnections, "connections of the Model Context Protocol");

    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IDisposable? EnterCognitive(Agent agent) => Enter(agent, Kind.Cognitive, Cognitive, _ => MostCognitive, "calls of cognitive tools at once");

    /// <summary>Grows with each command that goes to the background, of those who limit the agent: what was counted before is no longer so.</summary>
    internal long ToBackground(Agent agent)
    {
        lock (_lock)
        {
            return agent.Chain.Sum(a => _toBackground.GetValueOrDefault(a.Id));
        }
    }

    /// <param name="toBackground">It gives its place back when it has begun.</param>
    /// <param name="had">How many each has in the background.</param>
    /// <param name="countedAt"><see cref="ToBackground"/> before those were counted.</param>
    /// <returns>False: they are to be counted anew.</returns>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal bool TryEnterExec(Agent agent, bool toBackground, Func<Agent, int> had, long countedAt, out IDisposable? place)
    {
        lock (_lock)
        {
            place = null;
            if (ToBackground(agent) != countedAt)
            {
                return false;
            }

            place = Enter(agent, Kind.Execs, each => Check(each, agent, "execs", each.Config.Grant.Limits.Execs, Running(each, Kind.Execs) + had(each), 1, "commands at once"), toBackground);
            return true;
        }
    }

    private Release? Enter(Agent agent, Kind kind, string limit, Func<Agent, int> most, string what)
    {
        lock (_lock)
        {
            return Enter(agent, kind, each => Check(each, agent, limit, most(each), Running(each, kind), 1, what));
        }
    }

    /// <returns>Null for the operator, whom nothing limits.</returns>
    private Release? Enter(Agent agent, Kind kind, Action<Agent> check, bool toBackground = false)
    {
        Agent[] chain = [.. agent.Chain.Where(a => !a.IsOperator)];
        foreach (Agent each in chain)
        {
            check(each);
        }

        foreach (Agent each in chain)
        {
            _running[(each.Id, kind)] = Running(each, kind) + 1;
        }

        return chain.Length == 0 ? null : new Release(this, () =>
        {
            foreach (Agent each in chain)
            {
                Leave(each, kind);
                if (toBackground && LimitsExecs(each))
                {
                    _toBackground[each.Id] = _toBackground.GetValueOrDefault(each.Id) + 1;
                }
            }
        });
    }

    private void Leave(Agent agent, Kind kind)
    {
        if (Running(agent, kind) is > 1 and var running)
        {
            _running[(agent.Id, kind)] = running - 1;
        }
        else
        {
            _running.Remove((agent.Id, kind));
        }
    }

    private int Running(Agent agent, Kind kind) => _running.GetValueOrDefault((agent.Id, kind));
}
