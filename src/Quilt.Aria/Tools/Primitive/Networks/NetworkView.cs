using System.ComponentModel;
using System.Globalization;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

/// <summary>A network, and who is in it.</summary>
public sealed record NetworkView
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    [Description("open: its members reach each other; isolated: they reach the ports that a member exposes.")]
    public required string Policy { get; init; }
    public required string Subnet { get; init; }
    public required string Subnet6 { get; init; }

    [Description("Where its members may go outside, as TO:PORT.")]
    public required IReadOnlyList<string> Egress { get; init; }

    [Description("The id of the session or task that it goes with; left out: it stays until it is removed.")]
    public string? LivesWith { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required IReadOnlyList<NetworkMemberView> Members { get; init; }

    [Description("Packets that have passed in it, as far as nobody has loaded its rules anew.")]
    public required ulong Packets { get; init; }
    public required ulong Bytes { get; init; }

    internal static NetworkView Of(ContainerNetwork network, ContainerEngine engine) => Of(network, engine, engine.Wiring.ReadNetworkTraffic());

    internal static NetworkView Of(ContainerNetwork network, ContainerEngine engine, IReadOnlyDictionary<string, Traffic> traffic) => new()
    {
        Id = network.Id,
        Name = network.Name,
        Policy = network.Policy.ToString().ToLowerInvariant(),
        Subnet = network.Subnet.ToString(),
        Subnet6 = network.Subnet6.ToString(),
        Egress = [.. network.Egress.Select(e => $"{ConnectionView.NameOf(e.To, engine)}:{e.Port.ToString(CultureInfo.InvariantCulture)}")],
        LivesWith = network.LivesWith.Length > 0 ? network.LivesWith : null,
        CreatedAt = network.CreatedAt,
        Members = [.. engine.Wiring.MembersOf(network.Id).Select(m => NetworkMemberView.Of(m.Member, m.Endpoint, engine))],
        Packets = traffic.GetValueOrDefault(network.Id).Packets,
        Bytes = traffic.GetValueOrDefault(network.Id).Bytes,
    };
}

public sealed record NetworkMemberView
{
    public required string Container { get; init; }
    public required string ContainerName { get; init; }

    [Description("Its address in the network.")]
    public required string Address { get; init; }
    public required string Address6 { get; init; }

    [Description("Other names by which the members find it.")]
    public required IReadOnlyList<string> Aliases { get; init; }

    internal static NetworkMemberView Of(Membership member, Endpoint endpoint, ContainerEngine engine) => new()
    {
        Container = member.Container.Value,
        ContainerName = engine.TryGet(member.Container)?.Name.Value ?? "",
        Address = endpoint.Address.ToString(),
        Address6 = endpoint.Address6.ToString(),
        Aliases = member.Aliases,
    };
}
