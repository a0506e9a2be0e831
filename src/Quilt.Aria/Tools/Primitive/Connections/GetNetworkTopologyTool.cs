using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record GetNetworkTopologyArguments
{
    [Description("mermaid and dot are a drawing, as a text, beside the nodes and edges.")]
    [AllowedValues("json", "mermaid", "dot")]
    [DefaultValue("json")]
    public string? Format { get; init; }
}

public sealed record TopologyNode
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string State { get; init; }

    [Description("Left out where it has never had an edge: it has nothing but its loopback then.")]
    public string? Address { get; init; }
    public string? Address6 { get; init; }
}

public sealed record TopologyEdge
{
    public required ConnectionView Connection { get; init; }

    [Description("Packets that it has carried, in both directions; 0 outside, where bytes alone are counted.")]
    public required ulong Packets { get; init; }
    public required ulong Bytes { get; init; }

    internal static TopologyEdge Of(Edge edge, ContainerEngine engine, IReadOnlyDictionary<string, Traffic> traffic) => new()
    {
        Connection = ConnectionView.Of(edge, engine),
        Packets = traffic.GetValueOrDefault(edge.Id).Packets,
        Bytes = traffic.GetValueOrDefault(edge.Id).Bytes,
    };
}

public sealed record GetNetworkTopologyResult
{
    public required IReadOnlyList<TopologyNode> Nodes { get; init; }
    public required IReadOnlyList<TopologyEdge> Edges { get; init; }

    public required IReadOnlyList<NetworkView> Networks { get; init; }

    [Description("Ports of the host that lead to them.")]
    public required IReadOnlyList<PortView> Ports { get; init; }

    [Description("For mermaid and dot.")]
    public string? Drawing { get; init; }
}

/// <summary>Who may reach whom, of what the caller may know.</summary>
public sealed class GetNetworkTopologyTool(ContainerEngine engine) : Tool<GetNetworkTopologyArguments, GetNetworkTopologyResult>
{
    public override ToolDefinition Definition { get; } = new("getNetworkTopology")
    {
        Title = "Get the network topology",
        Description = "Your containers and what may pass between them: every edge and every network, with what it has carried up to now. What is not in it cannot be reached.",
        Example = """{"format": "mermaid"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<GetNetworkTopologyResult> RunAsync(GetNetworkTopologyArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        IReadOnlyList<ContainerRecord> records = [.. engine.All().Where(context.Caller.MayUse)];
        HashSet<Core.ContainerId> known = [.. records.Select(r => r.Id)];
        IReadOnlyDictionary<string, Traffic> traffic = engine.Wiring.ReadTraffic();
        TopologyEdge[] edges = [.. engine.Wiring.Edges.Where(e => known.Contains(e.From) && (e.ToContainer is not { } to || known.Contains(to))).Select(e => TopologyEdge.Of(e, engine, traffic))];
        IReadOnlyDictionary<string, Traffic> within = engine.Wiring.ReadNetworkTraffic();
        NetworkView[] networks = [.. engine.Wiring.Networks.Where(n => context.Caller.Has(n.Owner)).Select(n => NetworkView.Of(n, engine, within))];
        TopologyNode[] nodes = [.. records.Select(r =>
        {
            Endpoint? endpoint = engine.Wiring.EndpointOf(r.Id);
            return new TopologyNode { Id = r.Id.Value, Name = r.Name.Value, State = r.State.Name, Address = endpoint?.Address.ToString(), Address6 = endpoint?.Address6.ToString() };
        })];
        return Task.FromResult(new GetNetworkTopologyResult
        {
            Nodes = nodes,
            Edges = edges,
            Networks = networks,
            Ports = [.. engine.Wiring.Ports.Where(p => known.Contains(p.Container)).Select(p => PortView.Of(p, engine))],
            Drawing = arguments.Format switch
            {
                "mermaid" => new TopologyDrawing(nodes, networks, edges).Mermaid(),
                "dot" => new TopologyDrawing(nodes, networks, edges).Dot(),
                _ => null,
            },
        });
    }
}
