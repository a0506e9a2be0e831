using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>The addresses that containers get: a container has a number, and the number its addresses.</summary>
public sealed class AddressPool
{
    private const int Smallest = 29, Largest = 8, PrefixLength6 = 64, Reserved = 2;
    private readonly uint _first;
    private readonly byte[] _prefix6;

    /// <param name="text">An IPv4 range in CIDR form; the whole of it is the containers'.</param>
    /// <param name="range6">IPv6, a /64.</param>
    /// <exception cref="QuiltException">InvalidArgument: it is no IPv4 range of a fitting size.</exception>
    public AddressPool(string text, IPNetwork range6)
    {
        if (!IPNetwork.TryParse(text, out IPNetwork range) || range.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork || range.PrefixLength is < Largest or > Smallest)
        {
            throw QuiltException.Invalid("networkPool", $"'{text}' is no IPv4 range from /{Largest} to /{Smallest}", "give one such as 10.201.0.0/16");
        }

        (Range, Range6) = (range, range6);
        _first = BinaryPrimitives.ReadUInt32BigEndian(range.BaseAddress.GetAddressBytes());
        _prefix6 = range6.BaseAddress.GetAddressBytes();
    }

    public IPNetwork Range { get; }
    public IPNetwork Range6 { get; }

    /// <summary>How many containers can have one: not the first two, the network's and the fabric's own, and not the last.</summary>
    public uint Capacity => (1u << (32 - Range.PrefixLength)) - Reserved - 1;

    /// <summary>The fabric's own, from which it says that something cannot be reached.</summary>
    public IPAddress Own => Address(1);
    public IPAddress Own6 => Address6(1);

    /// <summary>Of the container with a number from 0 to <see cref="Capacity"/> - 1.</summary>
    public Endpoint Endpoint(uint number) => new(number, Address(number + Reserved), Address6(number + Reserved), new PhysicalAddress([0x02, 0x51, .. Bytes(number + Reserved)]));

    /// <summary>Null where it is nobody's that could have one.</summary>
    public uint? NumberOf(IPAddress address)
    {
        if (!Range.Contains(address))
        {
            return null;
        }

        uint offset = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) - _first;
        return offset >= Reserved && offset - Reserved < Capacity ? offset - Reserved : null;
    }

    private IPAddress Address(uint offset) => new(Bytes(_first + offset));

    private IPAddress Address6(uint offset) => new([.. _prefix6.AsSpan(0, PrefixLength6 / 8), 0, 0, 0, 0, .. Bytes(offset)]);

    private static byte[] Bytes(uint number)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}
