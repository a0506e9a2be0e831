using System.Net;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>A port of the host's that leads to one of a container's (TCP).</summary>
public sealed record PublishedPort
{
    public required ContainerId Container { get; init; }

    /// <summary>The container's.</summary>
    public required ushort Port { get; init; }
    public required IPEndPoint Host { get; init; }

    /// <summary>The id of the agent that published it; empty: the operator.</summary>
    public required string Owner { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}
