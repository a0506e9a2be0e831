using System.Net;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>Flows that end, as what allowed them is gone.</summary>
/// <param name="What">None of these is allowed again before they have ended.</param>
/// <param name="HolderOf">Whose an address was.</param>
internal sealed record GoneFlows(IReadOnlyList<object> What, Func<IPAddress, ContainerId?> HolderOf)
{
    /// <summary>Those with one of these keys (<see cref="Flow"/>), which are found at once among many.</summary>
    internal IReadOnlyList<byte[]> Keys { get; init; } = [];

    /// <summary>And those of which this is so.</summary>
    internal Func<TrackedFlow, bool>? Where { get; init; }

    internal static GoneFlows Of(Flow flow, ContainerId from, ContainerId to) =>
        new([flow], address => address.Equals(flow.From.Address) || address.Equals(flow.From.Address6) ? from : to) { Keys = [flow.Key4, flow.Key6] };
}
