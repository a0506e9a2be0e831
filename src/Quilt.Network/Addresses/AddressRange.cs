using System.Net;

namespace Quilt.Network;

/// <summary>The same in both families.</summary>
internal readonly record struct AddressRange(IPNetwork Four, IPNetwork Six)
{
    /// <summary>One address.</summary>
    internal static AddressRange Of(Endpoint endpoint) => new(endpoint.Address.Alone, endpoint.Address6.Alone);

    internal bool Contains(IPAddress address) => Four.Contains(address) || Six.Contains(address);

    /// <summary>A range's last address, in the network order.</summary>
    internal static byte[] Last(IPNetwork range)
    {
        byte[] last = range.BaseAddress.GetAddressBytes();
        for (int bit = range.PrefixLength; bit < range.BaseAddress.Bits; bit++)
        {
            last[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return last;
    }
}
