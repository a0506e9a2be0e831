using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>Who calls, and all that it may know of: what is another's is not there.</summary>
public sealed class Caller
{
    private readonly ContainerEngine _engine;
    private readonly AgentRegistry _agents;

    internal Caller(ContainerEngine engine, AgentRegistry agents, Agent agent, Lifespan? session) =>
        (_engine, _agents, Agent, Session) = (engine, agents, agent, session);

    public Agent Agent { get; }

    /// <summary>Null is the agent's standing one.</summary>
    public Lifespan? Session { get; }

    /// <exception cref="QuiltException">NotFound, also where it is another's; PermissionDenied: it is shared for use alone.</exception>
    public ContainerRecord Container(string key, Access access)
    {
        ContainerRecord record = _engine.Find(key, Agent.Id, MayUse);
        return access == Access.Use || Has(record)
            ? record
            : throw new QuiltException(ErrorCode.PermissionDenied, $"the container '{record.Name}' is shared with you to be used, not to be changed", "ask the agent that has it", "container");
    }

    public bool MayUse(ContainerRecord record) => Has(record) || record.Owner.SharedWith.Contains(Agent.Id);

    /// <summary>It is the caller's own, or of an agent below.</summary>
    public bool Has(ContainerRecord record) => Has(record.Owner.Agent);

    /// <param name="agent">An agent's id.</param>
    public bool Has(string agent) => Agent.IsOperator || agent == Agent.Id || _agents.IsWithin(agent, Agent);

    public bool MayKnow(EngineEvent happened) =>
        Agent.IsOperator || Has(happened.Agent) || (ContainerId.TryParse(happened.Container, out ContainerId id) && _engine.TryGet(id) is { } record && MayUse(record));
}
