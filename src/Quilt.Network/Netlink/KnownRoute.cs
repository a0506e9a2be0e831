using System.Net;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>A route of the main table as the kernel tells of it, but for one that leads everywhere.</summary>
/// <param name="Link">By its index; 0 where it leads to none.</param>
internal readonly record struct KnownRoute(IPNetwork To, int Link)
{
    internal static IReadOnlyList<KnownRoute> All(NetlinkSocket socket, byte family)
    {
        List<KnownRoute> found = [];
        socket.Dump(RouteRequests.Routes(family), (type, payload) =>
        {
            const int header = 12, prefixLength = 1, table = 4;
            const byte main = 254;
            if (type != RouteRequests.NewRoute || payload.Length < header || payload[table] != main)
            {
                return;
            }

            ReadOnlySpan<byte> to = NetlinkAttributes.Find(payload[header..], RouteRequests.RouteTo), link = NetlinkAttributes.Find(payload[header..], RouteRequests.RouteLink);
            if (to.Length is 4 or 16)
            {
                found.Add(new KnownRoute(new IPNetwork(new IPAddress(to), payload[prefixLength]), link.Length == sizeof(int) ? BitConverter.ToInt32(link) : 0));
            }
        });
        return found;
    }
}
