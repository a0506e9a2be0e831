namespace Quilt.Network;

/// <summary>By its number (IANA protocol numbers).</summary>
public enum TransportProtocol : byte
{
    Tcp = 6,
    Udp = 17,
    Sctp = 132,
}
