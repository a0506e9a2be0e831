using System.Buffers.Binary;
using System.Text;

namespace Quilt.OciRuntime.Systemd.DBus;

/// <summary>Writes values as D-Bus has them, little-endian, each at a multiple of its size from the begin.</summary>
/// <seealso href="https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-marshaling"/>
internal sealed class MessageWriter
{
    private readonly List<byte> _bytes = [];

    internal int Length => _bytes.Count;

    internal byte[] ToArray() => [.. _bytes];

    internal void Align(int boundary)
    {
        while (_bytes.Count % boundary != 0)
        {
            _bytes.Add(0);
        }
    }

    internal void Byte(byte value) => _bytes.Add(value);

    internal void UInt32(uint value)
    {
        Align(4);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
    }

    internal void UInt64(ulong value)
    {
        Align(8);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
    }

    internal void Flag(bool value) => UInt32(value ? 1u : 0);

    internal void Text(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        UInt32((uint)bytes.Length);
        _bytes.AddRange(bytes);
        _bytes.Add(0);
    }

    /// <summary>Type codes, of which there are at most 255.</summary>
    internal void Signature(string value)
    {
        _bytes.Add((byte)value.Length);
        _bytes.AddRange(Encoding.ASCII.GetBytes(value));
        _bytes.Add(0);
    }

    /// <param name="boundary">What its elements begin at a multiple of, though there be none.</param>
    internal void Array<T>(int boundary, IEnumerable<T> elements, Action<T> write)
    {
        UInt32(0);
        int length = _bytes.Count - 4;
        Align(boundary);
        int begin = _bytes.Count;
        foreach (T element in elements)
        {
            Align(boundary);
            write(element);
        }

        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(_bytes.Count - begin));
        for (int i = 0; i < bytes.Length; i++)
        {
            _bytes[length + i] = bytes[i];
        }
    }

    internal void Variant(PropertyValue value)
    {
        switch (value)
        {
            case PropertyValue.Text text:
                Signature("s");
                Text(text.Value);
                break;
            case PropertyValue.Flag flag:
                Signature("b");
                Flag(flag.Value);
                break;
            case PropertyValue.Number number:
                Signature("t");
                UInt64(number.Value);
                break;
            case PropertyValue.Bytes bytes:
                Signature("ay");
                Array(1, bytes.Values, Byte);
                break;
            case PropertyValue.Processes processes:
                Signature("au");
                Array(4, processes.Pids, UInt32);
                break;
            case PropertyValue.Texts texts:
                Signature("as");
                Array(4, texts.Values, Text);
                break;
        }
    }
}
