using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

/// <summary>A container's place in a network.</summary>
public sealed record NetworkPlaceView
{
    [Description("The network's id.")]
    public required string Network { get; init; }
    public required string Name { get; init; }
    public required string Address { get; init; }
    public required string Address6 { get; init; }
    public required IReadOnlyList<string> Aliases { get; init; }
}

/// <summary>See <see cref="ExposedPort"/>.</summary>
public sealed record ExposedPortView
{
    public required int Port { get; init; }
    public required string Protocol { get; init; }

    [Description("Of the service.")]
    public string? Name { get; init; }
}

public sealed record ContainerNetworkInfo
{
    [Description("Left out where it has never been connected: it has nothing but its loopback then.")]
    public string? Address { get; init; }
    public string? Address6 { get; init; }

    [Description("The name of its link in the container.")]
    public string? Link { get; init; }

    [Description("Where it asks for names.")]
    public string? NameServer { get; init; }

    [Description("Where it may begin flows to, with what each has carried.")]
    public required IReadOnlyList<TopologyEdge> Outgoing { get; init; }

    [Description("Who may begin flows to it.")]
    public required IReadOnlyList<TopologyEdge> Incoming { get; init; }

    [Description("The networks that it is in.")]
    public required IReadOnlyList<NetworkPlaceView> Networks { get; init; }

    [Description("Its ports that the members of its networks may reach, beside what an open network lets them.")]
    public required IReadOnlyList<ExposedPortView> Exposed { get; init; }

    [Description("Names that lead somewhere from it.")]
    public required IReadOnlyList<string> DnsNames { get; init; }

    [Description("Ports of the host that lead to it.")]
    public required IReadOnlyList<PortView> Ports { get; init; }
}

/// <summary>All of the network that is one container's.</summary>
public sealed class GetContainerNetworkInfoTool(ContainerEngine engine) : Tool<ContainerArguments, ContainerNetworkInfo>
{
    public override ToolDefinition Definition { get; } = new("getContainerNetworkInfo")
    {
        Title = "Get a container's network",
        Description = "A container's addresses, its connections in both directions with what they carried, the networks that it is in, the names that it can resolve, and the host's ports that lead to it.",
        Example = """{"container": "web"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ContainerNetworkInfo> RunAsync(ContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerId id = context.Caller.Container(arguments.Container, Access.Use).Id;
        Endpoint? endpoint = engine.Wiring.EndpointOf(id);
        IReadOnlyDictionary<string, Traffic> traffic = engine.Wiring.ReadTraffic(id);
        ILookup<bool, TopologyEdge> edges = engine.Wiring.EdgesOf(id).ToLookup(e => e.From == id, e => TopologyEdge.Of(e, engine, traffic));
        return Task.FromResult(new ContainerNetworkInfo
        {
            Address = endpoint?.Address.ToString(),
            Address6 = endpoint?.Address6.ToString(),
            Link = endpoint is null ? null : Wiring.LinkName,
            NameServer = endpoint is null ? null : Wiring.NameServer,
            Outgoing = [.. edges[true]],
            Incoming = [.. edges[false]],
            Networks = [.. engine.Wiring.MembershipsOf(id).Select(m => new NetworkPlaceView
            {
                Network = m.Network.Id, Name = m.Network.Name, Address = m.Endpoint.Address.ToString(), Address6 = m.Endpoint.Address6.ToString(), Aliases = m.Member.Aliases,
            })],
            Exposed = [.. engine.Wiring.ExposedBy(id).Select(p => new ExposedPortView { Port = p.Port, Protocol = ConnectionView.Lower(p.Protocol), Name = p.Name })],
            DnsNames = engine.Wiring.NamesFor(id),
            Ports = [.. engine.Wiring.Ports.Where(p => p.Container == id).Select(p => PortView.Of(p, engine))],
        });
    }
}
