using System.Net;

namespace Quilt.Network;

/// <summary>A network to be made.</summary>
/// <param name="Owner">The id of the agent that makes it; empty: the operator.</param>
public sealed record NewNetwork(string Name, NetworkPolicy Policy, string Owner)
{
    /// <summary>Null: one that is free is chosen.</summary>
    public IPNetwork? Subnet { get; init; }
    public IReadOnlyList<NetworkEgress> Egress { get; init; } = [];

    /// <summary>See <see cref="ContainerNetwork.LivesWith"/>.</summary>
    public string LivesWith { get; init; } = "";
}
