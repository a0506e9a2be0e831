using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

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
    public ContainerRecord Container(string key, Access access, string field = "container")
    {
        ContainerRecord record = Find(key, field);
        return access == Access.Use || Has(record)
            ? record
            : throw new QuiltException(ErrorCode.PermissionDenied, $"the container '{record.Name}' is shared with you to be used, not to be changed", "ask the agent that has it", field);
    }

    /// <summary>One of its own, or of an agent below; its own first.</summary>
    /// <exception cref="QuiltException">NotFound, also where it is another's.</exception>
    public SnapshotRecord Snapshot(string key) => _engine.FindSnapshot(key, Agent.Id, s => Has(s.Agent));

    /// <summary>One of its own, or of an agent below; its own first.</summary>
    /// <exception cref="QuiltException">NotFound, also where it is another's.</exception>
    public ContainerNetwork Network(string key) => TryNetwork(key) ?? throw NoNetwork(key);

    internal ContainerNetwork? TryNetwork(string key)
    {
        ContainerNetwork[] mine = [.. _engine.Wiring.Networks.Where(n => (n.Id == key || n.Name == key) && Has(n.Owner))];
        return mine.FirstOrDefault(n => n.Id == key) ?? mine.FirstOrDefault(n => n.Owner == Agent.Id) ?? mine.Length switch
        {
            0 => null,
            1 => mine[0],
            _ => throw QuiltException.Invalid("network", $"several networks are named '{key}'", "give the id"),
        };
    }

    /// <summary>One whose ways out the caller's own grant covers: by no network does a container get further than its agent.</summary>
    /// <exception cref="QuiltException">NotFound; PermissionDenied.</exception>
    internal ContainerNetwork NetworkToJoin(string key)
    {
        ContainerNetwork network = Network(key);
        foreach (NetworkEgress egress in network.Egress)
        {
            ConnectionTarget.Require(egress.To, egress.Port, TransportProtocol.Tcp, Agent, "network");
        }

        return network;
    }

    internal static QuiltException NoNetwork(string key) =>
        new(ErrorCode.NotFound, $"there is no network '{(key.Length > 64 ? key[..64] + "…" : key)}'", "list the networks for their names and ids, or create one", "network");

    /// <summary>One of its own, or of an agent below; its own first.</summary>
    /// <exception cref="QuiltException">NotFound, also where it is another's.</exception>
    public Volume Volume(string key, string field = "volume")
    {
        Volume[] mine = [.. _engine.Volumes.Where(v => (v.Id == key || v.Name == key) && Has(v.Owner))];
        return mine.FirstOrDefault(v => v.Id == key) ?? mine.FirstOrDefault(v => v.Owner == Agent.Id) ?? mine.Length switch
        {
            0 => throw NoVolume(key, field),
            1 => mine[0],
            _ => throw QuiltException.Invalid(field, $"several volumes are named '{key}'", "give the id"),
        };
    }

    internal static QuiltException NoVolume(string key, string field) =>
        new(ErrorCode.NotFound, $"there is no volume '{(key.Length > 64 ? key[..64] + "…" : key)}'", "list the volumes for their names and ids, or create one", field);

    public bool MayUse(ContainerRecord record) => Has(record) || record.Owner.SharedWith.Contains(Agent.Id);

    /// <summary>It is the caller's own, or of an agent below.</summary>
    public bool Has(ContainerRecord record) => Has(record.Owner.Agent);

    /// <param name="agent">An agent's id.</param>
    public bool Has(string agent) => Agent.IsOperator || agent == Agent.Id || _agents.IsWithin(agent, Agent);

    public bool MayKnow(EngineEvent happened) =>
        Agent.IsOperator || Has(happened.Agent) || (ContainerId.TryParse(happened.Container, out ContainerId id) && _engine.TryGet(id) is { } record && MayUse(record));

    private ContainerRecord Find(string key, string field)
    {
        try
        {
            return _engine.Find(key, Agent.Id, MayUse);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
        {
            throw new QuiltException(e.Code, e.Message, e.Remedy, field, e);
        }
    }
}
