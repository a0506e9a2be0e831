using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>Links, addresses, routes and neighbours, as rtnetlink is asked for them.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man7/rtnetlink.7.html"/>
internal static class RouteRequests
{
    internal const ushort NewLink = 16, DeleteLink = 17, GetLink = 18, NewAddress = 20, DeleteAddress = 21, NewRoute = 24, DeleteRoute = 25, GetRoute = 26, NewNeighbour = 28, DeleteNeighbour = 29;
    private const NetlinkFlags ToBe = NetlinkFlags.Acknowledge | NetlinkFlags.Create | NetlinkFlags.Replace;
    private const uint Up = 1;

    /// <summary>Attributes of a link (IFLA_*).</summary>
    internal const int LinkAddress = 1, LinkName = 3, LinkMtu = 4, LinkInfo = 18, LinkAlias = 20, LinkAfSpec = 26, LinkNamespace = 28;

    /// <summary>Attributes of an address (IFA_*), a route (RTA_*) and a neighbour (NDA_*).</summary>
    internal const int RouteTo = 1, RouteLink = 4, RouteGateway = 5;

    /// <summary>A pair of links: ours, and another in another network namespace.</summary>
    /// <param name="index">Ours is to have it; no other link of the namespace may.</param>
    internal static NetlinkRequest NewVeth(int index, string name, PhysicalAddress address, FileDescriptor otherNamespace, string otherName, PhysicalAddress otherAddress)
    {
        const int kind = 1, data = 2, peer = 1;
        return new NetlinkRequest(NewLink, NetlinkFlags.Acknowledge | NetlinkFlags.Create | NetlinkFlags.Exclusive, LinkHeader(index, 0, 0)) { Subject = $"link {name}" }
            .Put(LinkName, name)
            .Put(LinkAddress, address.GetAddressBytes())
            .Nest(LinkInfo, info => info.Put(kind, "veth").Nest(data, veth => veth.Nest(peer, LinkHeader(0, 0, 0), other => other
                .Put(LinkName, otherName)
                .Put(LinkAddress, otherAddress.GetAddressBytes())
                .Put(LinkNamespace, (uint)otherNamespace.Number))));
    }

    /// <summary>What a link has to have before it is up: an alias, and no IPv6 address that it makes up for itself (IN6_ADDR_GEN_MODE_NONE).</summary>
    internal static NetlinkRequest Prepare(int index, string alias)
    {
        const int inet6 = 10, generation = 8;
        const byte none = 1;
        NetlinkRequest request = new NetlinkRequest(NewLink, NetlinkFlags.Acknowledge, LinkHeader(index, 0, 0)) { Subject = $"link {index}" }.Put(LinkAlias, alias);
        return NetworkHost.HasIpv6 ? request.Nest(LinkAfSpec, families => families.Nest(inet6, v6 => v6.Put(generation, [none]))) : request;
    }

    internal static NetlinkRequest SetUp(int index) =>
        new(NewLink, NetlinkFlags.Acknowledge, LinkHeader(index, Up, Up)) { Subject = $"link {index} up" };

    internal static NetlinkRequest Delete(int index) => new(DeleteLink, NetlinkFlags.Acknowledge, LinkHeader(index, 0, 0)) { Subject = $"link {index}" };

    internal static NetlinkRequest Links() => new(GetLink, NetlinkFlags.Dump, LinkHeader(0, 0, 0)) { Subject = "links" };

    /// <summary>An address that is used at once: nobody else can have it (IFA_F_NODAD).</summary>
    internal static NetlinkRequest AddAddress(int link, IPAddress address) => Address(NewAddress, ToBe, link, address);

    internal static NetlinkRequest RemoveAddress(int link, IPAddress address) => Address(DeleteAddress, NetlinkFlags.Acknowledge, link, address);

    private static NetlinkRequest Address(ushort message, NetlinkFlags flags, int link, IPAddress address)
    {
        const byte noDuplicateDetection = 2, global = 0;
        const int local = 2;
        byte[] bytes = address.GetAddressBytes();
        Span<byte> header = stackalloc byte[8];
        (header[0], header[1], header[2], header[3]) = (Family(address), (byte)address.Bits, noDuplicateDetection, global);
        MemoryMarshal.Write(header[4..], link);
        return new NetlinkRequest(message, flags, header) { Subject = $"address {address}" }
            .Put(RouteTo, bytes)
            .Put(local, bytes);
    }

    /// <param name="to">Null: everywhere.</param>
    /// <param name="gateway">On the link, whatever the routes say (RTNH_F_ONLINK). Null: the destination itself is.</param>
    /// <param name="source">From which of the link's addresses.</param>
    internal static NetlinkRequest AddRoute(int link, IPNetwork? to, IPAddress? gateway, byte family, IPAddress? source = null)
    {
        NetlinkRequest request = Route(NewRoute, ToBe, link, to, gateway, family);
        const int preferredSource = 7;
        return source is null ? request : request.Put(preferredSource, source.GetAddressBytes());
    }

    internal static NetlinkRequest RemoveRoute(int link, IPNetwork to, IPAddress? gateway) => Route(DeleteRoute, NetlinkFlags.Acknowledge, link, to, gateway, Family(to.BaseAddress));

    private static NetlinkRequest Route(ushort message, NetlinkFlags flags, int link, IPNetwork? to, IPAddress? gateway, byte family)
    {
        const byte mainTable = 254, ofBoot = 3, universe = 0, onTheLink = 253, unicast = 1;
        const uint onLink = 4;
        Span<byte> header = stackalloc byte[12];
        (header[0], header[1], header[4], header[5], header[6], header[7]) =
            (family, (byte)(to?.PrefixLength ?? 0), mainTable, ofBoot, gateway is null && family == Family(IPAddress.Any) ? onTheLink : universe, unicast);
        MemoryMarshal.Write(header[8..], gateway is null ? 0 : onLink);
        NetlinkRequest request = new(message, flags, header) { Subject = $"route to {to?.ToString() ?? "everywhere"}" };
        if (to is { } destination)
        {
            request.Put(RouteTo, destination.BaseAddress.GetAddressBytes());
        }

        if (gateway is not null)
        {
            request.Put(RouteGateway, gateway.GetAddressBytes());
        }

        return request.Put(RouteLink, (uint)link);
    }

    internal static NetlinkRequest Routes(byte family)
    {
        Span<byte> header = stackalloc byte[12];
        header.Clear();
        header[0] = family;
        return new NetlinkRequest(GetRoute, NetlinkFlags.Dump, header) { Subject = "routes" };
    }

    /// <summary>By which route the kernel would send there.</summary>
    internal static NetlinkRequest RouteOf(IPAddress address)
    {
        Span<byte> header = stackalloc byte[12];
        header.Clear();
        (header[0], header[1]) = (Family(address), (byte)address.Bits);
        return new NetlinkRequest(GetRoute, NetlinkFlags.Acknowledge, header) { Subject = $"route of {address}" }.Put(RouteTo, address.GetAddressBytes());
    }

    /// <summary>Who has an address on a link, said once and for all (NUD_PERMANENT): nobody is asked, so nobody can lie.</summary>
    internal static NetlinkRequest AddNeighbour(int link, IPAddress address, PhysicalAddress hardware) => Neighbour(NewNeighbour, ToBe, link, address, hardware);

    internal static NetlinkRequest RemoveNeighbour(int link, IPAddress address, PhysicalAddress hardware) => Neighbour(DeleteNeighbour, NetlinkFlags.Acknowledge, link, address, hardware);

    private static NetlinkRequest Neighbour(ushort message, NetlinkFlags flags, int link, IPAddress address, PhysicalAddress hardware)
    {
        const ushort permanent = 0x80;
        const int hardwareAddress = 2;
        Span<byte> header = stackalloc byte[12];
        header.Clear();
        header[0] = Family(address);
        MemoryMarshal.Write(header[4..], link);
        MemoryMarshal.Write(header[8..], permanent);
        return new NetlinkRequest(message, flags, header) { Subject = $"neighbour {address}" }
            .Put(RouteTo, address.GetAddressBytes())
            .Put(hardwareAddress, hardware.GetAddressBytes());
    }

    internal static byte Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)10 : (byte)2;

    /// <summary>struct ifinfomsg.</summary>
    private static byte[] LinkHeader(int index, uint flags, uint change)
    {
        byte[] header = new byte[16];
        MemoryMarshal.Write(header.AsSpan(4), index);
        MemoryMarshal.Write(header.AsSpan(8), flags);
        MemoryMarshal.Write(header.AsSpan(12), change);
        return header;
    }
}
