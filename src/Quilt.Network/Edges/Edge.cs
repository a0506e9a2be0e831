using Quilt.Core;

namespace Quilt.Network;

/// <summary>What an agent has declared: a container may begin flows to a port of something. Answers come back; nothing else does.</summary>
public sealed record Edge
{
    public required string Id { get; init; }
    public required ContainerId From { get; init; }
    public required EdgeTarget To { get; init; }
    public required ushort Port { get; init; }
    public required TransportProtocol Protocol { get; init; }

    /// <summary>Another name of the target for <see cref="From"/>.</summary>
    public string? Alias { get; init; }

    /// <summary>The id of the agent that drew it; empty: the operator.</summary>
    public required string Owner { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it goes by itself; null: when it is severed, or one of its containers is removed.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The container it leads to; null where it leads outside.</summary>
    public ContainerId? ToContainer => (To as EdgeTarget.Container)?.Id;

    /// <summary>Its time is over, and it lets nothing pass any more, also where it could not be taken away yet.</summary>
    public bool IsOver => ExpiresAt <= DateTimeOffset.UtcNow;

    /// <summary>What cannot be twice.</summary>
    internal (ContainerId, EdgeTarget, ushort, TransportProtocol) Key => (From, To, Port, Protocol);

    internal bool Concerns(ContainerId container) => From == container || ToContainer == container;
}
