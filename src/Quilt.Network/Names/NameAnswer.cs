using System.Net;

namespace Quilt.Network;

/// <summary>What a name is to whoever asks.</summary>
/// <param name="Addresses">Of both families, as far as there are any.</param>
internal sealed record NameAnswer(IReadOnlyList<IPAddress> Addresses)
{
    // As many as an answer over UDP has room for (RFC 1035, 4.2.1).
    private const int Most = 16;
    private static uint s_turn;

    /// <summary>None now: whoever asks has too many questions without an answer.</summary>
    internal static NameAnswer Busy { get; } = new([]);

    /// <summary>A container is found by both of its addresses. Of many others come first each time.</summary>
    internal static NameAnswer Of(IReadOnlyList<Endpoint> endpoints)
    {
        int first = (int)(Interlocked.Increment(ref s_turn) % (uint)endpoints.Count);
        IEnumerable<Endpoint> some = endpoints.Skip(first).Concat(endpoints.Take(first)).Take(Most);
        return new NameAnswer([.. some.SelectMany(e => NetworkHost.HasIpv6 ? [e.Address, e.Address6] : (IPAddress[])[e.Address])]);
    }
}
