using Quilt.Core;

namespace Quilt.Network;

/// <summary>What an agent has declared: one container may begin flows to another's port. Answers go back; nothing else does.</summary>
public sealed record Edge
{
    public required string Id { get; init; }
    public required ContainerId From { get; init; }
    public required ContainerId To { get; init; }
    public required ushort Port { get; init; }
    public required TransportProtocol Protocol { get; init; }

    /// <summary>Also a name of the target for <see cref="From"/>.</summary>
    public string? Alias { get; init; }

    /// <summary>The id of the agent that drew it; empty: the operator.</summary>
    public required string Owner { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it goes by itself; null: when it is severed, or one of its containers is removed.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What cannot be twice.</summary>
    internal (ContainerId, ContainerId, ushort, TransportProtocol) Key => (From, To, Port, Protocol);
}
