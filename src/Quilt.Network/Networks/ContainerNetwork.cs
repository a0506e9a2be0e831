using System.Net;

namespace Quilt.Network;

/// <summary>A group of containers that may reach each other, each by an address of the network's own.</summary>
public sealed record ContainerNetwork
{
    public required string Id { get; init; }

    /// <summary>Its owner's own: no two of one owner's have the same.</summary>
    public required string Name { get; init; }
    public required NetworkPolicy Policy { get; init; }

    /// <summary>What the members' IPv4 addresses are of.</summary>
    public required IPNetwork Subnet { get; init; }

    /// <summary>What the members' IPv6 addresses are of: a /64.</summary>
    public required IPNetwork Subnet6 { get; init; }

    /// <summary>Where its members may go outside.</summary>
    public IReadOnlyList<NetworkEgress> Egress { get; init; } = [];

    /// <summary>The id of the agent that made it; empty: the operator.</summary>
    public required string Owner { get; init; }

    /// <summary>The id of the session or task that it goes with; empty: none.</summary>
    public string LivesWith { get; init; } = "";
    public required DateTimeOffset CreatedAt { get; init; }

    internal AddressRange Members => new(Subnet, Subnet6);
}
