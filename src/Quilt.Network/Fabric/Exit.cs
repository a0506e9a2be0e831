using System.Net;

namespace Quilt.Network;

/// <summary>Which connections of a container the rules send to the gate: one element of an interval set.</summary>
internal readonly record struct Exit(IPAddress From, IPNetwork To, ushort Port)
{
    internal bool IsSix => From.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    /// <summary>Another one lies within it, and is not it.</summary>
    internal bool Contains(Exit other) =>
        other.From.Equals(From) && other.Port == Port && other.To.PrefixLength > To.PrefixLength && To.Contains(other.To.BaseAddress);

    internal byte[] First => Key(To.BaseAddress.GetAddressBytes());

    internal byte[] Last => Key(AddressRange.Last(To));

    private byte[] Key(byte[] to) => SetKey.Of(From.GetAddressBytes(), to, Port);
}
