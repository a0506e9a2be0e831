using System.Buffers;
using System.Globalization;
using System.Text;

namespace Quilt.Engine;

/// <summary>Keeps the head and the tail of a stream, each half of the limit, and counts all of it.</summary>
public sealed class BoundedOutput(long limitBytes)
{
    private readonly int _headLimit = (int)Math.Min(limitBytes - (limitBytes / 2), int.MaxValue / 2), _tailLimit = (int)Math.Min(limitBytes / 2, int.MaxValue / 2);
    private readonly ArrayBufferWriter<byte> _head = new();
    private byte[] _tail = [];
    private int _tailStart, _tailCount;

    /// <summary>Of all that was written, also what is left out.</summary>
    public long TotalBytes { get; private set; }
    public bool Truncated => TotalBytes > _head.WrittenCount + _tailCount;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        TotalBytes += bytes.Length;
        int toHead = Math.Min(bytes.Length, _headLimit - _head.WrittenCount);
        _head.Write(bytes[..toHead]);
        AppendTail(bytes[toHead..]);
    }

    /// <summary>Head and tail; where something is left out between them, a line that says how much.</summary>
    public byte[] ToArray()
    {
        byte[] tail = [.. _tail.AsSpan(_tailStart, Math.Min(_tailCount, _tail.Length - _tailStart)), .. _tail.AsSpan(0, Math.Max(0, _tailStart + _tailCount - _tail.Length))];
        return Truncated
            ? [.. _head.WrittenSpan, .. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\n[... {TotalBytes - _head.WrittenCount - _tailCount} bytes left out ...]\n")), .. tail]
            : [.. _head.WrittenSpan, .. tail];
    }

    /// <summary>A ring, which grows to its limit as it is needed.</summary>
    private void AppendTail(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= _tailLimit)
        {
            _tail = bytes[^_tailLimit..].ToArray();
            (_tailStart, _tailCount) = (0, _tailLimit);
            return;
        }

        if (bytes.IsEmpty)
        {
            return;
        }

        Grow(Math.Min(_tailLimit, _tailCount + bytes.Length));
        int overwritten = Math.Max(0, _tailCount + bytes.Length - _tail.Length);
        _tailStart = (_tailStart + overwritten) % _tail.Length;
        _tailCount -= overwritten;
        int end = (_tailStart + _tailCount) % _tail.Length;
        int first = Math.Min(bytes.Length, _tail.Length - end);
        bytes[..first].CopyTo(_tail.AsSpan(end));
        bytes[first..].CopyTo(_tail);
        _tailCount += bytes.Length;
    }

    private void Grow(int needed)
    {
        if (_tail.Length >= needed)
        {
            return;
        }

        // Not yet full, so not yet wrapped around.
        byte[] larger = new byte[Math.Min(_tailLimit, Math.Max(needed, 2 * _tail.Length))];
        _tail.AsSpan(_tailStart, _tailCount).CopyTo(larger);
        (_tail, _tailStart) = (larger, 0);
    }
}
