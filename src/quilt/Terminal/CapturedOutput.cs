using System.Buffers;

namespace Quilt.Cli;

/// <summary>Keeps the beginning and the end of a stream of any length, and counts all of it.</summary>
internal sealed class CapturedOutput(int limitBytes)
{
    private readonly ArrayBufferWriter<byte> _head = new();
    private readonly byte[] _tail = new byte[limitBytes / 2];
    private long _inTail;

    internal long TotalBytes => _head.WrittenCount + _inTail;

    internal bool Truncated => TotalBytes > limitBytes;

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        int toHead = Math.Min(bytes.Length, limitBytes - _tail.Length - _head.WrittenCount);
        _head.Write(bytes[..toHead]);
        bytes = bytes[toHead..];
        while (!bytes.IsEmpty)
        {
            Span<byte> room = _tail.AsSpan((int)(_inTail % _tail.Length));
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            _inTail += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>All of it, or its head, how much was left out, and its tail.</summary>
    internal string Text()
    {
        if (_inTail <= _tail.Length)
        {
            return ViewOf.Text([.. _head.WrittenSpan, .. _tail.AsSpan(0, (int)_inTail)]);
        }

        int start = (int)(_inTail % _tail.Length);
        byte[] tail = [.. _tail.AsSpan(start), .. _tail.AsSpan(0, start)];
        return $"{ViewOf.Text(_head.WrittenSpan)}\n[{_inTail - _tail.Length} bytes left out]\n{ViewOf.Text(tail)}";
    }
}
