using System.Net;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>A port of the host's that leads to one of a container's.</summary>
public sealed record PublishedPort
{
    public required ContainerId Container { get; init; }

    /// <summary>The container's.</summary>
    public required ushort Port { get; init; }
    public required IPEndPoint Host { get; init; }

    /// <summary>TCP or UDP.</summary>
    public required TransportProtocol Protocol { get; init; }

    /// <summary>The id of the agent that published it; empty: the operator.</summary>
    public required string Owner { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What cannot be twice.</summary>
    public (IPEndPoint Host, TransportProtocol Protocol) Key => (Host, Protocol);

    /// <summary>What comes to one of them might be the other's.</summary>
    internal bool Overlaps(PublishedPort other) =>
        Protocol == other.Protocol && Host.Port == other.Host.Port && Host.AddressFamily == other.Host.AddressFamily
        && (Host.Address.Equals(other.Host.Address) || IsAny(Host.Address) || IsAny(other.Host.Address));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
