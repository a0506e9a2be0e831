using System.Net;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>Where one wiring has its things.</summary>
public sealed record WiringOptions
{
    /// <summary>Where the fabric's network namespace is kept by a mount.</summary>
    public required string RunDir { get; init; }

    /// <summary>A container's network namespace, as it is now; null where it does not run.</summary>
    public required Func<ContainerId, FileDescriptor?> NetworkNamespaceOf { get; init; }

    /// <summary>A container's name, as those who are connected to it call it.</summary>
    public required Func<ContainerId, string?> NameOf { get; init; }

    /// <summary>Is told what is decided on what containers want of the outside. Called often, and while others wait.</summary>
    public required Action<EgressDecision> Decided { get; init; }

    /// <summary>Whom names of the outside are asked of, all on one port; empty: the host's name servers.</summary>
    public IReadOnlyList<IPEndPoint> NameServers { get; init; } = [];

    /// <summary>What the containers' IPv4 addresses are taken from, in CIDR form.</summary>
    public required string Pool { get; init; }

    /// <summary>What networks get their IPv4 subnets from, each a /24, in CIDR form.</summary>
    public required string Subnets { get; init; }

    /// <summary>What their IPv6 addresses are taken from: a /64 of the unique local ones (RFC 4193).</summary>
    public IPNetwork Pool6 { get; init; } = new(IPAddress.Parse("fd51:7175:696c:7400::"), 64);
}
