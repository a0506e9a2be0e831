using Quilt.Core;
using Quilt.Network;

namespace Quilt.Engine;

/// <summary>An edge to be drawn.</summary>
/// <param name="Owner">The id of the agent that draws it; empty: the operator.</param>
public sealed record NewConnection(ContainerId From, EdgeTarget To, ushort Port, TransportProtocol Protocol, string Owner)
{
    /// <summary>Also a name of the target for <see cref="From"/>.</summary>
    public string? Alias { get; init; }
    public TimeSpan? Ttl { get; init; }
}
