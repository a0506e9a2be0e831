using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Quilt.Linux;

/// <summary>One netlink message in the making: its header, the family's own header, attributes. Everything is padded to four bytes.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man7/netlink.7.html"/>
public sealed class NetlinkRequest
{
    public const int HeaderSize = 16;
    private const int AttributeHeaderSize = 4, LargestAttribute = ushort.MaxValue;
    private const ushort Nested = 0x8000;
    private byte[] _buffer = new byte[256];
    private int _length = HeaderSize;

    /// <param name="type">nlmsg_type.</param>
    /// <param name="header">The family's own header, such as struct ifinfomsg.</param>
    public NetlinkRequest(ushort type, NetlinkFlags flags, ReadOnlySpan<byte> header)
    {
        (Type, Flags) = (type, flags);
        Append(header);
    }

    public ushort Type { get; }
    public NetlinkFlags Flags { get; }

    /// <summary>Whether the kernel answers it; the frame of a batch is not.</summary>
    public bool IsAnswered => Flags.HasFlag(NetlinkFlags.Acknowledge) || Flags.HasFlag(NetlinkFlags.Dump);

    /// <summary>What it does, for the error that tells that it failed.</summary>
    public string? Subject { get; init; }

    public NetlinkRequest Put(int attribute, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, LargestAttribute - AttributeHeaderSize);
        Span<byte> header = stackalloc byte[AttributeHeaderSize];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(AttributeHeaderSize + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)attribute);
        Append(header);
        Append(value);
        return this;
    }

    /// <summary>A number as the host writes it, as rtnetlink wants it.</summary>
    public NetlinkRequest Put(int attribute, uint value) => Put(attribute, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>A number as the network writes it, as nfnetlink wants it.</summary>
    public NetlinkRequest PutBigEndian(int attribute, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Put(attribute, bytes);
    }

    /// <summary>A text with its zero at the end.</summary>
    public NetlinkRequest Put(int attribute, string value) => Put(attribute, [.. Encoding.ASCII.GetBytes(value), 0]);

    /// <summary>An attribute that holds others.</summary>
    public NetlinkRequest Nest(int attribute, Action<NetlinkRequest> inside) => Nest(attribute, [], inside);

    /// <param name="header">Stands before them, such as the struct ifinfomsg of a veth's other end.</param>
    public NetlinkRequest Nest(int attribute, ReadOnlySpan<byte> header, Action<NetlinkRequest> inside)
    {
        int start = _length;
        Put(attribute | Nested, header);
        inside(this);
        if (_length - start > LargestAttribute)
        {
            throw new ArgumentException("the attributes are longer than an attribute can be", nameof(inside));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(start), (ushort)(_length - start));
        return this;
    }

    /// <summary>The whole message, with the number by which its answer is known.</summary>
    internal ReadOnlySpan<byte> Finish(uint sequence)
    {
        Span<byte> header = _buffer;
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)_length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)(Flags | NetlinkFlags.Request));
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], sequence);
        return _buffer.AsSpan(0, _length);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        int padded = (bytes.Length + 3) & ~3;
        if (_length + padded > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + padded));
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += padded;
    }
}
