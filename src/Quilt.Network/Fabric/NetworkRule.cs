using System.Net;

namespace Quilt.Network;

/// <summary>What a network lets pass: one element of an interval set for each family.</summary>
/// <param name="Set">Of the sets of quilt.nft, without the family.</param>
/// <param name="Protocol">Null: whatever there is.</param>
internal readonly record struct NetworkRule(string Set, AddressRange From, AddressRange To, TransportProtocol? Protocol, ushort Port)
{
    /// <summary>The members reach each other.</summary>
    internal static NetworkRule Open(AddressRange members) => new("open", members, members, null, 0);

    /// <summary>The members reach a port of one of them.</summary>
    internal static NetworkRule Exposed(AddressRange members, AddressRange member, TransportProtocol protocol, ushort port) => new("exposed", members, member, protocol, port);

    /// <summary>Somebody reaches a port of all of them.</summary>
    internal static NetworkRule Reach(AddressRange from, AddressRange members, TransportProtocol protocol, ushort port) => new("reaches", from, members, protocol, port);

    /// <summary>Whether it lets this pass.</summary>
    internal bool Covers(TrackedFlow flow) =>
        (Protocol is null || (flow.Protocol == (byte)Protocol && flow.ToPort == Port)) && From.Contains(new IPAddress(flow.From)) && To.Contains(new IPAddress(flow.To));

    internal (byte[] First, byte[] Last) Keys(bool six) => six ? Keys(From.Six, To.Six) : Keys(From.Four, To.Four);

    private (byte[] First, byte[] Last) Keys(IPNetwork from, IPNetwork to) =>
        (Key(from.BaseAddress.GetAddressBytes(), to.BaseAddress.GetAddressBytes()), Key(AddressRange.Last(from), AddressRange.Last(to)));

    private byte[] Key(byte[] from, byte[] to) => Protocol is { } protocol ? SetKey.Of(from, to, (byte)protocol, Port) : [.. from, .. to];
}
