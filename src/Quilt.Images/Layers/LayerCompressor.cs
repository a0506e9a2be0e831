using System.IO.Compression;
using System.Security.Cryptography;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>Writes a layer's blob: what is written here, compressed by gzip, counted and hashed.</summary>
internal sealed class LayerCompressor : WritingStream
{
    private const int BufferBytes = 256 << 10;
    private readonly HashedFile _file;
    private readonly GZipStream _gzip;

    internal LayerCompressor(string path, CompressionLevel level)
    {
        _file = new HashedFile(path);
        _gzip = new GZipStream(new BufferedStream(_file, BufferBytes), level);
    }

    /// <summary>Ends the blob, and tells what it is.</summary>
    internal Descriptor Finish()
    {
        _gzip.Dispose();
        return new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = _file.Digest, Size = _file.Count };
    }

    public override void Write(ReadOnlySpan<byte> buffer) => _gzip.Write(buffer);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                _gzip.Dispose();
            }
            finally
            {
                _file.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private sealed class HashedFile(string path) : WritingStream
    {
        private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private Digest? _digest;

        internal long Count { get; private set; }

        /// <summary>Of all of it, once it is disposed.</summary>
        internal Digest Digest => _digest ?? throw new InvalidOperationException("the blob has no end yet");

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _hash.AppendData(buffer);
            Count += buffer.Length;
            _file.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && _digest is null)
            {
                _digest = Core.Digest.OfSha256(_hash.GetHashAndReset());
                _hash.Dispose();
                _file.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
