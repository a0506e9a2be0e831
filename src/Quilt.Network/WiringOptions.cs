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

    /// <summary>What the containers' IPv4 addresses are taken from.</summary>
    public IPNetwork Pool { get; init; } = new(IPAddress.Parse("10.201.0.0"), 16);

    /// <summary>What their IPv6 addresses are taken from: a /64 of the unique local ones (RFC 4193).</summary>
    public IPNetwork Pool6 { get; init; } = new(IPAddress.Parse("fd51:7175:696c:7400::"), 64);
}
