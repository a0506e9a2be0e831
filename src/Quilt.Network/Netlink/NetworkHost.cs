using System.Net;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>What this host offers, and is.</summary>
internal static class NetworkHost
{
    /// <summary>False where it was started without (ipv6.disable=1), or built.</summary>
    internal static bool HasIpv6 { get; } = Directory.Exists("/proc/sys/net/ipv6");

    /// <summary>Whether what is sent there comes to the host itself, as its routes are at this moment: also where a route makes a whole range its own.</summary>
    /// <exception cref="SyscallException">EMFILE or ENOMEM: it cannot be known now.</exception>
    internal static bool Has(IPAddress address) => WithoutOwn([address]).Count == 0;

    /// <summary>Whether a way out may lead there at all, however wide it is.</summary>
    /// <inheritdoc cref="Has(IPAddress)" path="/exception"/>
    internal static bool MayBeDialled(IPAddress address) => PublicAddress.MayBeDialled(address) && !Has(address);

    /// <summary>Those of some addresses that are not the host's own.</summary>
    /// <inheritdoc cref="Has(IPAddress)" path="/exception"/>
    internal static IReadOnlyList<IPAddress> WithoutOwn(IReadOnlyCollection<IPAddress> addresses)
    {
        if (addresses.Count == 0)
        {
            return [];
        }

        using NetlinkSocket host = NetlinkSocket.Open(NetlinkProtocol.Route);
        return [.. addresses.Where(a => !Has(host, a))];
    }

    private static bool Has(NetlinkSocket host, IPAddress address)
    {
        const int typeAt = 7;
        const byte local = 2;
        bool isOwn = false;
        try
        {
            host.Dump(RouteRequests.RouteOf(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address), (type, route) => isOwn |= type == RouteRequests.NewRoute && route.Length > typeAt && route[typeAt] == local);
        }
        catch (SyscallException e) when (e.Errno is Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EACCES or Errno.EINVAL or Errno.EOPNOTSUPP)
        {
            // No way leads there, or one that is shut.
        }

        return isOwn;
    }
}
