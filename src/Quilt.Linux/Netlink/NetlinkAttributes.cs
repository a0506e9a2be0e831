using System.Buffers.Binary;
using System.Text;

namespace Quilt.Linux;

/// <summary>Reads attributes one after the other, and trusts no length.</summary>
public ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private const int HeaderSize = 4;
    private const ushort KindMask = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>nla_type, without its flags.</summary>
    public int Kind { get; private set; }
    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly NetlinkAttributes Inside => new(Value);

    /// <summary>The value as a number of the host's order; 0 where it is none.</summary>
    public readonly uint Number => Value.Length >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(Value) : 0;

    /// <summary>The value as a number of the network's order, of 32 or 64 bits; 0 where it is none.</summary>
    public readonly ulong BigEndianNumber => Value.Length switch
    {
        sizeof(ulong) => BinaryPrimitives.ReadUInt64BigEndian(Value),
        sizeof(uint) => BinaryPrimitives.ReadUInt32BigEndian(Value),
        sizeof(ushort) => BinaryPrimitives.ReadUInt16BigEndian(Value),
        _ => 0,
    };

    /// <summary>The value as a text, up to its zero.</summary>
    public readonly string Text => Encoding.ASCII.GetString(Value.IndexOf((byte)0) is var end and >= 0 ? Value[..end] : Value);

    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">What follows is no attribute.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (_rest.Length < HeaderSize || BinaryPrimitives.ReadUInt16LittleEndian(_rest) is var length && (length < HeaderSize || length > _rest.Length))
        {
            throw new InvalidDataException("the kernel's answer has a netlink attribute that ends outside of it");
        }

        length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        Kind = BinaryPrimitives.ReadUInt16LittleEndian(_rest[2..]) & KindMask;
        Value = _rest[HeaderSize..length];
        int padded = (length + 3) & ~3;
        _rest = padded < _rest.Length ? _rest[padded..] : [];
        return true;
    }

    /// <summary>The first one of a kind; empty where there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> attributes, int kind)
    {
        NetlinkAttributes all = new(attributes);
        while (all.Next())
        {
            if (all.Kind == kind)
            {
                return all.Value;
            }
        }

        return [];
    }
}
