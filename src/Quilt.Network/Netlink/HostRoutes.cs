using System.Net;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>Where the host's routes lead.</summary>
internal static class HostRoutes
{
    /// <summary>IPv4, without the one that leads everywhere.</summary>
    internal static IReadOnlyList<IPNetwork> Read()
    {
        List<IPNetwork> found = [];
        using NetlinkSocket host = NetlinkSocket.Open(NetlinkProtocol.Route);
        host.Dump(RouteRequests.Routes(RouteRequests.Family(IPAddress.Any)), (type, payload) =>
        {
            const int header = 12, prefixLength = 1, table = 4;
            const byte main = 254;
            if (type == RouteRequests.NewRoute && payload.Length >= header && payload[table] == main
                && NetlinkAttributes.Find(payload[header..], RouteRequests.RouteTo) is { Length: 4 } to)
            {
                found.Add(new IPNetwork(new IPAddress(to), payload[prefixLength]));
            }
        });
        return found;
    }
}
