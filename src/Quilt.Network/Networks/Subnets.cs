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
    /// <exception cref="QuiltException">InvalidArgument: it is none of a fitting size, or has no subnet that is free.</exception>
    internal Subnets(AddressPool pool, string text)
    {
        if (!IPNetwork.TryParse(text, out IPNetwork range) || range.BaseAddress.AddressFamily != AddressFamily.InterNetwork || range.PrefixLength is < Largest or > Usual)
        {
            throw QuiltException.Invalid("networkSubnets", $"'{text}' is no IPv4 range from /{Largest} to /{Usual}", "give one such as 10.202.0.0/15");
        }

        (_pool, _range) = (pool, range);
        if (Candidates().All(c => WhatHas(c, [], "") is not null))
        {
            throw QuiltException.Invalid("networkSubnets", $"no subnet of {range} is free: the first overlaps with {WhatHas(Candidates().First(), [], "")}", "give another range, such as 10.202.0.0/15");
        }
    }

    /// <summary>One that is free; where there is a choice, one that no route of the host's leads to, so that a connection to a range outside is not taken for one to a member.</summary>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IPNetwork Choose(IReadOnlyCollection<ContainerNetwork> present, IReadOnlyCollection<IPNetwork> hostRoutes)
    {
        IPNetwork[] free = [.. Candidates().Where(c => WhatHas(c, present, "") is null)];
        return free.Length > 0
            ? free.FirstOrDefault(f => !hostRoutes.Any(r => r.Overlaps(f)), free[0])
            : throw new QuiltException(ErrorCode.ResourceExhausted, $"no subnet is left in {_range} (--network-subnets): {present.Count} networks have one", "remove a network that is not needed, or give a subnet", "subnet");
    }

    /// <param name="owner">Who asks: is told the names of its own networks alone.</param>
    /// <exception cref="QuiltException">InvalidArgument: it is no IPv4 range of a fitting size; AlreadyExists: it overlaps.</exception>
    internal void Require(IPNetwork asked, IReadOnlyCollection<ContainerNetwork> present, string owner)
    {
        if (asked.BaseAddress.AddressFamily != AddressFamily.InterNetwork || asked.PrefixLength is < Largest or > Smallest)
        {
            throw QuiltException.Invalid("subnet", $"{asked} is no IPv4 range from /{Largest} to /{Smallest}", "give one such as 10.7.0.0/24, or leave it out");
        }

        string? holder = asked.PrefixLength < Usual && asked.Overlaps(_range) ? $"{_range}, where networks get theirs that ask for none (--network-subnets)" : WhatHas(asked, present, owner);
        if (holder is not null)
        {
            throw new QuiltException(ErrorCode.AlreadyExists, $"the subnet {asked} overlaps with {holder}", "give another, or leave it out", "subnet");
        }
    }

    private IEnumerable<IPNetwork> Candidates()
    {
        uint first = BinaryPrimitives.ReadUInt32BigEndian(_range.BaseAddress.GetAddressBytes());
        for (uint number = 0; number < 1u << (Usual - _range.PrefixLength); number++)
        {
            byte[] address = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(address, first + (number << (32 - Usual)));
            yield return new IPNetwork(new IPAddress(address), Usual);
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

    private string? WhatHas(IPNetwork asked, IReadOnlyCollection<ContainerNetwork> present, string owner) =>
        present.FirstOrDefault(n => n.Subnet.Overlaps(asked)) is { } network ? network.Owner == owner || owner.Length == 0 ? $"{network.Subnet} of the network '{network.Name}'" : "another's network"
        : _pool.Range.Overlaps(asked) ? $"{_pool.Range}, the containers' own addresses (--network-pool)"
        : Special.FirstOrDefault(s => s.Range.Overlaps(asked)) is { What: { } what } special ? $"{special.Range}, {what}"
        : null;
}
