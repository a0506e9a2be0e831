using System.Net;
using System.Net.NetworkInformation;

namespace Quilt.Network;

/// <summary>What this host offers, and is.</summary>
internal static class NetworkHost
{
    /// <summary>False where it was started without (ipv6.disable=1), or built.</summary>
    internal static bool HasIpv6 { get; } = Directory.Exists("/proc/sys/net/ipv6");

    /// <summary>Whether an address is one of the host's own.</summary>
    internal static bool Has(IPAddress address) =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Any(a => a.Address.Equals(address));
}
