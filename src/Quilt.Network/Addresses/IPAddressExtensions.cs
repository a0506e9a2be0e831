using System.Net;

namespace Quilt.Network;

public static class IPAddressExtensions
{
    extension(IPAddress address)
    {
        /// <summary>How many bits it has: the length of a prefix that is it alone.</summary>
        public int Bits => 8 * address.GetAddressBytes().Length;

        /// <summary>The range that is it alone.</summary>
        public IPNetwork Alone => new(address, address.Bits);
    }
}
