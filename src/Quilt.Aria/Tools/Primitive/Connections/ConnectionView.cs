using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

/// <summary>An edge, and where its target is.</summary>
public sealed record ConnectionView
{
    public required string Id { get; init; }

    [Description("The id of the container that may begin flows.")]
    public required string From { get; init; }
    public required string FromName { get; init; }

    [Description("The id of the container that they go to.")]
    public required string To { get; init; }
    public required string ToName { get; init; }
    public required int Port { get; init; }
    public required string Protocol { get; init; }

    [Description("The target's address, from the first container.")]
    public required string Address { get; init; }

    [Description("The same over IPv6.")]
    public required string Address6 { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("When it goes by itself.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    internal static ConnectionView Of(Edge edge, ContainerEngine engine) => new()
    {
        Id = edge.Id,
        From = edge.From.Value,
        FromName = NameOf(edge.From, engine),
        To = edge.To.Value,
        ToName = NameOf(edge.To, engine),
        Port = edge.Port,
        Protocol = Lower(edge.Protocol),
        Address = engine.Wiring.EndpointOf(edge.To)?.Address.ToString() ?? "",
        Address6 = engine.Wiring.EndpointOf(edge.To)?.Address6.ToString() ?? "",
        CreatedAt = edge.CreatedAt,
        ExpiresAt = edge.ExpiresAt,
    };

    internal static string Lower(TransportProtocol protocol) => protocol.ToString().ToLowerInvariant();

    internal static TransportProtocol ProtocolOf(string? text) => text is null ? TransportProtocol.Tcp : Enum.Parse<TransportProtocol>(text, ignoreCase: true);

    private static string NameOf(ContainerId id, ContainerEngine engine) => engine.TryGet(id)?.Name.Value ?? "";
}
