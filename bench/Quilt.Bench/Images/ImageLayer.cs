using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Quilt.Bench.Images;

/// <summary>A layer as a registry has it: a tar archive by gzip, in a file.</summary>
/// <param name="DiffDigest">Of the archive before it was compressed.</param>
/// <param name="UnpackedBytes">The length of that.</param>
internal sealed record ImageLayer(string File, string Digest, long Bytes, string DiffDigest, long UnpackedBytes)
{
    /// <param name="bytes">About how much it has, compressed.</param>
    /// <param name="first">Written before the files; null: nothing.</param>
    public static ImageLayer Write(string file, long bytes, MachineFiles files, Action<TarWriter>? first)
    {
        using DigestingStream compressed = new(System.IO.File.Create(file));
        using DigestingStream plain = new(new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true));
        using (TarWriter archive = new(plain, TarEntryFormat.Pax, leaveOpen: true))
        {
            first?.Invoke(archive);
            files.Fill(archive, () => compressed.Count >= bytes);
        }

        string diffDigest = plain.End();
        return new ImageLayer(file, compressed.End(), compressed.Count, diffDigest, plain.Count);
    }

    /// <summary>The same files behind a small one more, so a layer that nobody has yet. Archives can be joined as they are compressed (RFC 1952, 2.2).</summary>
    public ImageLayer Vary(string file, string variant)
    {
        byte[] head = Head(variant);
        using DigestingStream compressed = new(System.IO.File.Create(file));
        using DigestingStream plain = new(Stream.Null);
        using (GZipStream member = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            member.Write(head);
        }

        plain.Write(head);
        using (FileStream rest = System.IO.File.OpenRead(File))
        {
            rest.CopyTo(compressed);
            rest.Position = 0;
            using GZipStream files = new(rest, CompressionMode.Decompress);
            files.CopyTo(plain);
        }

        return new ImageLayer(file, compressed.End(), compressed.Count, plain.End(), plain.Count);
    }

    /// <summary>One file's entry, without the end of an archive.</summary>
    private static byte[] Head(string variant)
    {
        using MemoryStream archive = new();
        using TarWriter writer = new(archive, TarEntryFormat.Ustar, leaveOpen: true);
        writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "variant") { DataStream = new MemoryStream(Encoding.ASCII.GetBytes(variant)) });
        return archive.ToArray();
    }

    /// <summary>Counts and digests what is written through it.</summary>
    private sealed class DigestingStream(Stream to) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public long Count { get; private set; }

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => Count;
        public override long Position { get => Count; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            to.Write(buffer);
            _hash.AppendData(buffer);
            Count += buffer.Length;
        }

        /// <summary>Writes what is held back below, and closes that.</summary>
        public string End()
        {
            to.Dispose();
            return Sha256.Name(_hash.GetHashAndReset());
        }

        public override void Flush() => to.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _hash.Dispose();
            to.Dispose();
            base.Dispose(disposing);
        }
    }
}
