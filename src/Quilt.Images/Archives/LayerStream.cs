using System.IO.Compression;
using System.Security.Cryptography;
using Quilt.Core;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Quilt.Images;

/// <summary>A layer's archive, decompressed as its first bytes say, counted and hashed on its way.</summary>
internal sealed class LayerStream : Stream
{
    /// <summary>128 MiB: more than any layer's compressor uses by default, less than a frame may ask for (2 GiB).</summary>
    private const int MaximumWindowLog = 27;
    private readonly Stream _inner;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly CancellationToken _cancellationToken;
    private readonly long _most;
    private readonly bool _ratioBinds;
    private long _count;

    /// <param name="blob">Seekable; stays its owner's.</param>
    internal LayerStream(Stream blob, UnpackLimits limits, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        long byRatio = Math.Max(limits.RatioFreeBytes, blob.Length > long.MaxValue / limits.Ratio ? long.MaxValue : blob.Length * limits.Ratio);
        _most = Math.Min(limits.DecompressedBytes, byRatio);
        _ratioBinds = byRatio < limits.DecompressedBytes;
        _inner = Decompress(blob);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => _count; set => throw new NotSupportedException(); }

    /// <summary>The digest of all that was read.</summary>
    internal Digest DiffId() => Digest.OfSha256(_hash.GetCurrentHash());

    public override int Read(Span<byte> buffer)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        int count;
        try
        {
            count = _inner.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            throw Malformed.Layer("its compression is damaged", e);
        }

        _count += count;
        if (_count > _most)
        {
            throw Malformed.Limit(_ratioBinds
                ? $"it unpacks to more than {_most} bytes, out of all proportion to its size"
                : $"it unpacks to more than {_most} bytes");
        }

        _hash.AppendData(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Stream Decompress(Stream blob)
    {
        Span<byte> magic = stackalloc byte[6];
        int count = blob.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        blob.Seek(-count, SeekOrigin.Current);
        ReadOnlySpan<byte> start = magic[..count];
        if (start.StartsWith<byte>([0x1F, 0x8B]))
        {
            return new GZipStream(blob, CompressionMode.Decompress, leaveOpen: true);
        }

        if (start.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD]))
        {
            DecompressionStream zstd = new(blob, leaveOpen: true);
            zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaximumWindowLog);
            return zstd;
        }

        if (start.StartsWith("BZh"u8) || start.StartsWith<byte>([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
        {
            throw new QuiltException(ErrorCode.Unimplemented, "the layer is compressed by bzip2 or xz", "compress it by gzip or zstd, or not at all", "layer");
        }

        return new BufferedStream(new Unowned(blob), 64 << 10);
    }

    /// <summary>Lets a wrapper be disposed of without what it wraps.</summary>
    private sealed class Unowned(Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer) => inner.Read(buffer);

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
