using System.Security.Cryptography;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>A layer's archive, decompressed as its first bytes say, counted and where that is wanted hashed on its way.</summary>
internal sealed class LayerStream : ReadingStream
{
    private const int BufferBytes = 256 << 10;
    private readonly LayerSource _source;
    private readonly Stream _inner;
    private readonly Stream? _copy;
    private readonly IncrementalHash? _hash;
    private readonly UnpackLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private int _start, _end;
    private long _count;

    /// <param name="blob">Stays its owner's.</param>
    /// <param name="hashed">Whether <see cref="DiffId"/> is to be known. The command line's copies must not: OpenSSL is nothing for a program linked statically.</param>
    /// <param name="copy">Gets all of the decompressed archive; null where nobody wants it.</param>
    internal LayerStream(Stream blob, UnpackLimits limits, Stream? copy, CancellationToken cancellation, bool hashed = true)
    {
        _hash = hashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        (_limits, _copy, _cancellation) = (limits, copy, cancellation);
        _source = new LayerSource(blob);
        _inner = Decompression.Open(_source);
    }

    /// <summary>The digest of the decompressed archive, once it has been read to its end.</summary>
    internal Digest DiffId() => Digest.OfSha256(_hash!.GetCurrentHash());

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            _start = 0;
            _end = Fill();
        }

        int count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _source.Dispose();
            _hash?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Archives are read by headers of 512 bytes; compression and digest want more at once.</summary>
    private int Fill()
    {
        _cancellation.ThrowIfCancellationRequested();
        int count;
        try
        {
            count = _inner.ReadAtLeast(_buffer, BufferBytes, throwOnEndOfStream: false);
        }
        catch (Exception e) when (Decompression.IsDamage(e))
        {
            throw Malformed.Layer("its compression is damaged", e);
        }

        _count += count;
        if (_count > _limits.DecompressedBytes)
        {
            throw Malformed.Limit($"it unpacks to more than {_limits.DecompressedBytes} bytes");
        }

        if (_count > _limits.RatioFreeBytes && _count / _limits.Ratio > _source.Count)
        {
            throw Malformed.Limit($"{_source.Count} bytes of it unpack to {_count}, out of all proportion");
        }

        _hash?.AppendData(_buffer, 0, count);
        _copy?.Write(_buffer, 0, count);
        return count;
    }
}
