using System.Net;
using System.Net.Sockets;

namespace Quilt.Core;

/// <summary>Which addresses are the Internet's, and so what a name of the Internet may mean.</summary>
/// <seealso href="https://www.iana.org/assignments/iana-ipv4-special-registry"/>
/// <seealso href="https://www.iana.org/assignments/iana-ipv6-special-registry"/>
public static class PublicAddress
{
    private static readonly IPNetwork[] Special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    // Within what is handed out at all; that has special parts too, some of which carry an IPv4 address of any kind.
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] Special6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    // What no range may mean, however wide it is.
    private static readonly IPNetwork[] Never = [.. new[] { "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/127", "fe80::/10", "ff00::/8" }.Select(IPNetwork.Parse)];

    public static bool Is(IPAddress address) => address.AddressFamily switch
    {
        // What means an IPv4 address is one, whatever a network says of containing it.
        AddressFamily.InterNetworkV6 when address.IsIPv4MappedToIPv6 => Is(address.MapToIPv4()),
        AddressFamily.InterNetwork => !Special4.Any(n => n.Contains(address)),
        AddressFamily.InterNetworkV6 => Global6.Contains(address) && !Special6.Any(n => n.Contains(address)),
        _ => false,
    };

    /// <summary>Whether a range that an agent was granted may lead there: not to this host, its links, or to many at once.</summary>
    public static bool MayBeDialled(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? MayBeDialled(address.MapToIPv4()) : !Never.Any(n => n.Contains(address));
}
