using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record SeverConnectionArguments
{
    [Description("As establishConnection told it. Or give from, to and port.")]
    public string? ConnectionId { get; init; }

    [Description("The container that may begin flows.")]
    public string? From { get; init; }

    [Description("Where they go to, as it was given to establishConnection.")]
    public string? To { get; init; }

    [Range(1, 65535)]
    public int? Port { get; init; }

    [AllowedValues("tcp", "udp", "sctp")]
    [DefaultValue("tcp")]
    public string? Protocol { get; init; }
}

public sealed record SeverConnectionResult
{
    public required string ConnectionId { get; init; }

    [Description("Packets that it had carried, in both directions.")]
    public required ulong Packets { get; init; }
    public required ulong Bytes { get; init; }
}

/// <summary>See <see cref="ContainerEngine.SeverConnection"/>.</summary>
public sealed class SeverConnectionTool(ContainerEngine engine) : Tool<SeverConnectionArguments, SeverConnectionResult>
{
    public override ToolDefinition Definition { get; } = new("severConnection")
    {
        Title = "Sever a connection",
        Description = "Takes an edge away: what flows over it ends at once, and nothing begins any more. Other edges between the same containers stay. Edges of a container that is removed go by themselves.",
        Example = """{"from": "web", "to": "db", "port": 5432}""",
        Destructive = true,
    };

    protected override Task<SeverConnectionResult> RunAsync(SeverConnectionArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Edge edge = Find(arguments, context.Caller);
        Traffic carried = engine.SeverConnection(edge.Id) ?? throw NotThere(edge.Id);
        return Task.FromResult(new SeverConnectionResult { ConnectionId = edge.Id, Packets = carried.Packets, Bytes = carried.Bytes });
    }

    private Edge Find(SeverConnectionArguments arguments, Caller caller)
    {
        if (arguments.ConnectionId is { Length: > 0 } id)
        {
            return engine.Wiring.TryGet(id) is { } known && MaySever(known, caller) ? known : throw NotThere(id);
        }

        if (string.IsNullOrEmpty(arguments.From) || string.IsNullOrEmpty(arguments.To) || arguments.Port is not { } port)
        {
            throw QuiltException.Invalid("connectionId", "it is not said which connection", "give connectionId, or from, to and port");
        }

        ContainerRecord from = caller.Container(arguments.From, Access.Use, "from");
        EdgeTarget to = ConnectionTarget.Parse(arguments.To, caller);
        TransportProtocol protocol = ConnectionView.ProtocolOf(arguments.Protocol);
        string text = $"{from.Name} to {arguments.To}:{port}/{ConnectionView.Lower(protocol)}";
        Edge edge = engine.Wiring.TryFind(from.Id, to, (ushort)port, protocol) ?? throw NotThere(text);
        return MaySever(edge, caller)
            ? edge
            : throw new QuiltException(ErrorCode.PermissionDenied, $"the connection {text} is between containers that are shared with you", "ask the agent that has one of them", "connectionId");
    }

    /// <summary>Whoever has one of its ends.</summary>
    private bool MaySever(Edge edge, Caller caller) => (edge.To is EdgeTarget.Members to && engine.Wiring.TryGetNetwork(to.Id) is { } network && caller.Has(network.Owner)) || new[] { edge.From, edge.ToContainer ?? edge.From }.Any(c => engine.TryGet(c) is { } record && caller.Has(record));

    private static QuiltException NotThere(string what) => new(ErrorCode.NotFound, $"there is no connection '{what}'", "look at getNetworkTopology for those that there are", "connectionId");
}
