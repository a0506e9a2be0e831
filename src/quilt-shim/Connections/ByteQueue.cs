namespace Quilt.Shim;

/// <summary>Bytes in at the end, out at the front. Gives its memory back when it has been large and is empty.</summary>
internal sealed class ByteQueue
{
    private const int Kept = 128 << 10;
    private byte[] _buffer = [];
    private int _start, _end;

    internal int Count => _end - _start;

    internal ReadOnlyMemory<byte> Content => _buffer.AsMemory(_start, Count);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Commit(bytes.Length);
    }

    /// <summary>Room for that many bytes at the end, for <see cref="Commit"/>.</summary>
    internal Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _end < count)
        {
            byte[] target = _buffer.Length >= Count + count ? _buffer : new byte[Math.Max(Count + count, 2 * Count)];
            _buffer.AsSpan(_start, Count).CopyTo(target);
            (_buffer, _end, _start) = (target, Count, 0);
        }

        return _buffer.AsSpan(_end, count);
    }

    internal void Commit(int count) => _end += count;

    internal void Skip(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > Kept)
            {
                _buffer = [];
            }
        }
    }
}
