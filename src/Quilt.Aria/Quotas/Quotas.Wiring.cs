using Quilt.Core;

namespace Quilt.Aria;

/// <summary>What an agent's containers, with those of all below it, reach and offer. The wiring asks while nothing is drawn, so nothing has to be reserved.</summary>
public sealed partial class Quotas
{
    /// <summary>Whether one more edge may begin at a container, within the limits of its own agents.</summary>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal void AdmitEdge(ContainerId from) => Admit(from, "edges", l => l.Edges, _engine.Wiring.CountEdges, "connections that begin at its containers");

    /// <summary>Whether one more port of a container may be exposed, or bound to one of the host's.</summary>
    /// <inheritdoc cref="AdmitEdge" path="/exception"/>
    internal void AdmitPort(ContainerId of) => Admit(of, "ports", l => l.Ports, _engine.Wiring.CountPorts, "exposed and bound ports of its containers");

    // Without the lock: who has it may wait for the wiring.
    private void Admit(ContainerId container, string limit, Func<AgentLimits, int?> most, Func<IReadOnlySet<ContainerId>, int> count, string what)
    {
        Agent owner = _engine.TryGet(container) is { } record && _agents.TryGet(record.Owner.Agent) is { } agent ? agent : Agent.Operator;
        foreach (Agent each in owner.Chain.Where(a => most(a.Config.Grant.Limits) is not null))
        {
            Check(each, owner, limit, most(each.Config.Grant.Limits), count(ContainersOf(each)), 1, what);
        }
    }

    private HashSet<ContainerId> ContainersOf(Agent agent) => [.. _engine.All().Where(r => IsOf(r, agent)).Select(r => r.Id)];
}
