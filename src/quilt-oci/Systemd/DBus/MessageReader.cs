using System.Buffers.Binary;
using System.Text;

namespace Quilt.OciRuntime.Systemd.DBus;

/// <summary>Reads what <see cref="MessageWriter"/> writes.</summary>
/// <exception cref="DBusException">There is less than a value says.</exception>
internal ref struct MessageReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    internal readonly bool IsAtEnd => _position >= _bytes.Length;

    internal void Align(int boundary) => Take((boundary - (_position % boundary)) % boundary);

    internal byte Byte() => Take(1)[0];

    internal uint UInt32()
    {
        Align(4);
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    }

    internal string Text() => WithEnd(UInt32());

    internal string Signature() => WithEnd(Byte());

    private string WithEnd(uint length)
    {
        string text = Encoding.UTF8.GetString(Take(length));
        Take(1);
        return text;
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _bytes.Length - _position)
        {
            throw new DBusException(null, "a message ends before its values do");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }
}
