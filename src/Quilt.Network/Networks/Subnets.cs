using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>The subnets of networks. They mean something in the fabric alone, where no two may have addresses in common.</summary>
internal sealed class Subnets
{
    private const int Smallest = 29, Largest = 8, Usual = 24, FirstOfNetworks6 = 0x8000, Networks6 = 0x8000, FourthGroup = 6;

    // What has a meaning of its own in a container or in the fabric.
    private static readonly (IPNetwork Range, string What)[] Special =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "this host (RFC 1122)"), (IPNetwork.Parse("127.0.0.0/8"), "loopback"), (IPNetwork.Parse("169.254.0.0/16"), "link-local addresses, the name server's among them"),
        (OutsideNames.MadeUp, "what stands for names of the outside"), (IPNetwork.Parse("224.0.0.0/3"), "multicast and reserved addresses"),
    ];

    private readonly AddressPool _pool;
    private readonly IPNetwork _range;

    /// <param name="pool">The containers' own addresses.</param>
    /// <param name="text">Where those are from that nobody asked for by themselves, each a /24: an IPv4 range in CIDR form.</param>
    /// <exception cref="QuiltException">InvalidArgument: it is none of a fitting size.</exception>
    internal Subnets(AddressPool pool, string text)
    {
        if (!IPNetwork.TryParse(text, out IPNetwork range) || range.BaseAddress.AddressFamily != AddressFamily.InterNetwork || range.PrefixLength is < Largest or > Usual)
        {
            throw QuiltException.Invalid("networkSubnets", $"'{text}' is no IPv4 range from /{Largest} to /{Usual}", "give one such as 10.202.0.0/15");
        }

        (_pool, _range) = (pool, range);
    }

    /// <summary>One that is free, and that no route of the host's leads to, so that a connection to a range outside is not taken for one to a member.</summary>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IPNetwork Choose(IReadOnlyCollection<ContainerNetwork> present, IReadOnlyCollection<IPNetwork> hostRoutes)
    {
        uint first = BinaryPrimitives.ReadUInt32BigEndian(_range.BaseAddress.GetAddressBytes());
        for (uint number = 0; number < 1u << (Usual - _range.PrefixLength); number++)
        {
            byte[] address = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(address, first + (number << (32 - Usual)));
            IPNetwork candidate = new(new IPAddress(address), Usual);
            if (WhatHas(candidate, present) is null && !hostRoutes.Any(r => Overlap(r, candidate)))
            {
                return candidate;
            }
        }

        throw new QuiltException(ErrorCode.ResourceExhausted, $"no subnet is left in {_range}: {present.Count} networks have one", "remove a network that is not needed, or give a subnet", "subnet");
    }

    /// <exception cref="QuiltException">InvalidArgument: it is no IPv4 range of a fitting size; AlreadyExists: it overlaps.</exception>
    internal void Require(IPNetwork asked, IReadOnlyCollection<ContainerNetwork> present)
    {
        if (asked.BaseAddress.AddressFamily != AddressFamily.InterNetwork || asked.PrefixLength is < Largest or > Smallest)
        {
            throw QuiltException.Invalid("subnet", $"{asked} is no IPv4 range from /{Largest} to /{Smallest}", "give one such as 10.7.0.0/24, or leave it out");
        }

        if (WhatHas(asked, present) is { } holder)
        {
            throw new QuiltException(ErrorCode.AlreadyExists, $"the subnet {asked} overlaps with {holder}", "give another, or leave it out", "subnet");
        }
    }

    /// <summary>The IPv6 one of a new network.</summary>
    internal IPNetwork Choose6(IReadOnlyCollection<ContainerNetwork> present)
    {
        HashSet<IPNetwork> taken = [.. present.Select(n => n.Subnet6)];
        for (int number = 0; number < Networks6; number++)
        {
            byte[] address = _pool.Range6.BaseAddress.GetAddressBytes();
            BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(FourthGroup), (ushort)(FirstOfNetworks6 + number));
            IPNetwork candidate = new(new IPAddress(address), _pool.Range6.PrefixLength);
            if (!taken.Contains(candidate))
            {
                return candidate;
            }
        }

        throw new QuiltException(ErrorCode.ResourceExhausted, $"there are {present.Count} networks, and no more can have IPv6 addresses", "remove a network that is not needed", "name");
    }

    private string? WhatHas(IPNetwork asked, IReadOnlyCollection<ContainerNetwork> present) =>
        present.FirstOrDefault(n => Overlap(n.Subnet, asked)) is { } network ? $"{network.Subnet} of the network '{network.Name}'"
        : Overlap(_pool.Range, asked) ? $"{_pool.Range}, the containers' own addresses (--network-pool)"
        : Special.FirstOrDefault(s => Overlap(s.Range, asked)) is { What: { } what } special ? $"{special.Range}, {what}"
        : null;

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);
}
