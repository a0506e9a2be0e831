using System.Buffers.Binary;

namespace Quilt.Linux;

/// <summary>One message of the kernel's (struct nlmsghdr).</summary>
public readonly ref struct NetlinkMessage
{
    private NetlinkMessage(ushort type, ushort flags, uint sequence, ReadOnlySpan<byte> payload)
    {
        (Type, Flags, Sequence) = (type, flags, sequence);
        Payload = payload;
    }

    public ushort Type { get; }
    public ushort Flags { get; }
    public uint Sequence { get; }

    /// <summary>What follows the header, without padding.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Takes the first message off.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static NetlinkMessage Read(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < NetlinkRequest.HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes) is var length && (length < NetlinkRequest.HeaderSize || length > bytes.Length))
        {
            throw new InvalidDataException("the kernel's answer has a netlink message that ends outside of it");
        }

        int size = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        NetlinkMessage message = new(
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            bytes[NetlinkRequest.HeaderSize..size]);
        int padded = (size + 3) & ~3;
        bytes = padded < bytes.Length ? bytes[padded..] : [];
        return message;
    }
}
