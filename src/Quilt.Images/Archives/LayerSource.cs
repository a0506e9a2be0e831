using Quilt.Core;

namespace Quilt.Images;

/// <summary>A blob as it comes, counted, its first bytes seen before they are read. Does not close what it reads.</summary>
internal sealed class LayerSource : ReadingStream
{
    private const int MagicBytes = 6;
    private readonly byte[] _start = new byte[MagicBytes];
    private readonly int _startLength;
    private readonly Stream _inner;
    private int _given;

    internal LayerSource(Stream inner)
    {
        _inner = inner;
        _startLength = inner.ReadAtLeast(_start, MagicBytes, throwOnEndOfStream: false);
        Count = _startLength;
    }

    /// <summary>At most six bytes; fewer where there are no more.</summary>
    internal ReadOnlySpan<byte> Start => _start.AsSpan(0, _startLength);

    /// <summary>Bytes that were taken so far.</summary>
    internal long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        if (_given < _startLength)
        {
            int given = Math.Min(buffer.Length, _startLength - _given);
            _start.AsSpan(_given, given).CopyTo(buffer);
            _given += given;
            return given;
        }

        int count = _inner.Read(buffer);
        Count += count;
        return count;
    }
}
