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

    [Description("The id of the container that they go to; network:ID for all members of a network; outside: name:PATTERN, range:CIDR or host:.")]
    public required string To { get; init; }

    [Description("The container's or the network's name; outside: the name, the range, or host.")]
    public required string ToName { get; init; }
    public required int Port { get; init; }
    public required string Protocol { get; init; }

    [Description("Another name of the target for the first container.")]
    public string? Alias { get; init; }

    [Description("The target's address, where it is a container.")]
    public string? Address { get; init; }

    [Description("The same over IPv6.")]
    public string? Address6 { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("When it goes by itself.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    internal static ConnectionView Of(Edge edge, ContainerEngine engine) => new()
    {
        Id = edge.Id,
        From = edge.From.Value,
        FromName = NameOf(edge.From, engine),
        To = edge.ToContainer?.Value ?? edge.To.Text,
        ToName = NameOf(edge.To, engine),
        Port = edge.Port,
        Protocol = Lower(edge.Protocol),
        Alias = edge.Alias,
        Address = EndpointOf(edge, engine)?.Address.ToString(),
        Address6 = EndpointOf(edge, engine)?.Address6.ToString(),
        CreatedAt = edge.CreatedAt,
        ExpiresAt = edge.ExpiresAt,
    };

    /// <summary>As the caller would write it.</summary>
    internal static string NameOf(EdgeTarget target, ContainerEngine engine) => target switch
    {
        EdgeTarget.Container to => NameOf(to.Id, engine),
        EdgeTarget.Members to => engine.Wiring.TryGetNetwork(to.Id)?.Name ?? "",
        EdgeTarget.Name name => name.Pattern,
        EdgeTarget.Range range => range.Network.ToString(),
        _ => EdgeTarget.Host.DnsName,
    };

    internal static string Lower(TransportProtocol protocol) => protocol.ToString().ToLowerInvariant();

    internal static TransportProtocol ProtocolOf(string? text) => text is null ? TransportProtocol.Tcp : Enum.Parse<TransportProtocol>(text, ignoreCase: true);

    private static Endpoint? EndpointOf(Edge edge, ContainerEngine engine) => edge.ToContainer is { } to ? engine.Wiring.EndpointOf(to) : null;

    private static string NameOf(ContainerId id, ContainerEngine engine) => engine.TryGet(id)?.Name.Value ?? "";
}
