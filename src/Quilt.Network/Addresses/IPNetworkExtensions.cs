using System.Net;

namespace Quilt.Network;

public static class IPNetworkExtensions
{
    extension(IPNetwork range)
    {
        /// <summary>They have an address in common.</summary>
        public bool Overlaps(IPNetwork other) => range.Contains(other.BaseAddress) || other.Contains(range.BaseAddress);
    }
}
