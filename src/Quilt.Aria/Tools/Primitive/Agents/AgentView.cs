using System.ComponentModel;
using Quilt.Core;

namespace Quilt.Aria;

public sealed record AgentUsageView
{
    public required int Containers { get; init; }

    [Description("Sum of its containers' limits, in bytes.")]
    public required long Memory { get; init; }
    public required double Cpus { get; init; }

    [Description("Sum of its containers' and volumes' disk limits, in bytes.")]
    public required long Disk { get; init; }
    public required int Volumes { get; init; }
    public required int Networks { get; init; }

    [Description("Connections that begin at its containers.")]
    public required int Edges { get; init; }

    [Description("Ports of its containers that are exposed or bound.")]
    public required int Ports { get; init; }

    [Description("Commands under way that somebody waits for.")]
    public required int Execs { get; init; }
}

public sealed record AgentView
{
    [Description("Empty is the operator.")]
    public required string Id { get; init; }

    [Description("From you on: builder/tester.")]
    public required string Name { get; init; }
    public string? Description { get; init; }

    [Description("The id of who delegated to it; left out where that is the operator.")]
    public string? Parent { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required IReadOnlyList<ToolScope> Scopes { get; init; }
    public required SecurityLevel Level { get; init; }

    [Description("What it may have at once, the limits of those above it considered; what is left out has no limit.")]
    public required AgentLimits Limits { get; init; }

    [Description("What it has, with all that its own agents have.")]
    public required AgentUsageView Usage { get; init; }

    internal static AgentView Of(Agent agent, Agent caller, Quotas quotas)
    {
        Usage usage = quotas.Of(agent);
        Grant[] grants = [.. agent.Chain.Select(a => a.Config.Grant)];
        return new AgentView
        {
            Id = agent.Id,
            Name = AgentRegistry.PathFrom(caller, agent),
            Description = agent.Config.Description,
            Parent = agent.Parent is null or { IsOperator: true } ? null : agent.Parent.Id,
            CreatedAt = agent.CreatedAt,
            Scopes = [.. agent.Config.Grant.Tools.Scopes.Where(s => grants.All(g => g.Tools.Scopes.Contains(s)))],
            Level = grants.Min(g => g.Tools.Level),
            Limits = new AgentLimits
            {
                Containers = grants.Min(g => g.Limits.Containers),
                Memory = grants.Min(g => g.Limits.Memory?.Bytes) is { } memory ? new ByteSize(memory) : null,
                Cpus = grants.Min(g => g.Limits.Cpus),
                Pids = grants.Min(g => g.Limits.Pids),
                Disk = grants.Min(g => g.Limits.Disk?.Bytes) is { } disk ? new ByteSize(disk) : null,
                Volumes = grants.Min(g => g.Limits.Volumes),
                Networks = grants.Min(g => g.Limits.Networks),
                Edges = grants.Min(g => g.Limits.Edges),
                Ports = grants.Min(g => g.Limits.Ports),
                Snapshots = grants.Min(g => g.Limits.Snapshots),
                Execs = grants.Min(g => g.Limits.Execs),
                Calls = grants.Min(g => g.Limits.Calls),
                Agents = grants.Min(g => g.Limits.Agents),
                Ttl = grants.Min(g => g.Limits.Ttl),
            },
            Usage = new AgentUsageView
            {
                Containers = usage.Containers, Memory = usage.MemoryBytes, Cpus = usage.Cpus, Disk = usage.DiskBytes, Volumes = usage.Volumes, Networks = usage.Networks, Edges = usage.Edges, Ports = usage.Ports, Execs = usage.Execs,
            },
        };
    }
}
