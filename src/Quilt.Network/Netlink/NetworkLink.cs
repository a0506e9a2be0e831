using System.Runtime.InteropServices;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>A link as the kernel tells of it.</summary>
/// <param name="Alias">A word of whoever made it; empty where there is none.</param>
internal readonly record struct NetworkLink(int Index, string Name, string Alias)
{
    internal static IReadOnlyList<NetworkLink> All(NetlinkSocket socket)
    {
        List<NetworkLink> links = [];
        socket.Dump(RouteRequests.Links(), (type, payload) =>
        {
            const int header = 16;
            if (type != RouteRequests.NewLink || payload.Length < header)
            {
                return;
            }

            (string name, string alias) = ("", "");
            NetlinkAttributes attributes = new(payload[header..]);
            while (attributes.Next())
            {
                switch (attributes.Kind)
                {
                    case RouteRequests.LinkName:
                        name = attributes.Text;
                        break;
                    case RouteRequests.LinkAlias:
                        alias = attributes.Text;
                        break;
                }
            }

            links.Add(new NetworkLink(MemoryMarshal.Read<int>(payload[4..]), name, alias));
        });
        return links;
    }
}
