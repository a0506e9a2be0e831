using System.Buffers;
using System.Globalization;
using System.Text;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// Writes a layer's archive: ustar, with PAX records for what that cannot hold (POSIX.1-2017, pax). The same entries make the
/// same bytes. Paths are <see cref="FileName"/>s, relative, parted by <c>/</c>, without <c>.</c> and <c>..</c>; an empty one is the root.
/// </summary>
public sealed class ArchiveWriter : IDisposable
{
    private const int BlockBytes = TarHeader.BlockBytes, BufferBytes = 128 << 10;
    private const uint PlainMode = 0x1A4; // 0644
    private readonly Stream _output;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);

    /// <param name="output">Stays its owner's.</param>
    public ArchiveWriter(Stream output) => _output = output;

    public void AddFolder(string path, ArchiveMetadata metadata) =>
        WriteHeader('5', path.Length == 0 ? "./" : path + "/", metadata, 0, "");

    /// <param name="size">In bytes. So many are taken of the content.</param>
    /// <exception cref="EndOfStreamException">The content is shorter.</exception>
    public void AddFile(string path, ArchiveMetadata metadata, long size, Stream content)
    {
        WriteHeader('0', path, metadata, size, "");
        long left = size;
        while (left > 0)
        {
            int count = content.Read(_buffer, 0, (int)Math.Min(left, BufferBytes));
            if (count == 0)
            {
                throw new EndOfStreamException($"'{path}' became shorter while it was read");
            }

            _output.Write(_buffer, 0, count);
            left -= count;
        }

        Pad(size);
    }

    /// <summary>A file with holes, in GNU tar's form 1.0: where its pieces lie comes before them (GNU tar manual, 'Storing Sparse Files').</summary>
    /// <param name="pieces">Ascending and apart.</param>
    /// <param name="size">In bytes, with its holes.</param>
    /// <param name="read">Reads from an offset on; what it does not bring any more is zeros.</param>
    internal void AddSparseFile(string path, ArchiveMetadata metadata, IReadOnlyList<SparseSegment> pieces, long size, Func<long, Span<byte>, int> read)
    {
        StringBuilder map = new();
        map.Append(CultureInfo.InvariantCulture, $"{pieces.Count}\n");
        foreach (SparseSegment piece in pieces)
        {
            map.Append(CultureInfo.InvariantCulture, $"{piece.Offset}\n{piece.Length}\n");
        }

        int mapBytes = (map.Length + BlockBytes - 1) / BlockBytes * BlockBytes;
        int slash = path.LastIndexOf('/') + 1;
        PaxRecordWriter pax = new();
        pax.Add("GNU.sparse.major", "1"u8);
        pax.Add("GNU.sparse.minor", "0"u8);
        pax.AddPath("GNU.sparse.name", FileName.ToBytes(path));
        pax.Add("GNU.sparse.realsize", Encoding.ASCII.GetBytes(size.ToString(CultureInfo.InvariantCulture)));
        long content = mapBytes + pieces.Sum(p => p.Length);
        WriteHeader('0', $"{path[..slash]}GNUSparseFile.0/{path[slash..]}", metadata, content, "", pax);
        _output.Write(Encoding.ASCII.GetBytes(map.ToString().PadRight(mapBytes, '\0')));
        foreach (SparseSegment piece in pieces)
        {
            WritePiece(piece, read);
        }

        Pad(content);
    }

    /// <summary>A file that somebody may change meanwhile: it has the size that it had, whatever becomes of it.</summary>
    /// <param name="read">As of <see cref="AddSparseFile"/>.</param>
    internal void AddLiveFile(string path, ArchiveMetadata metadata, long size, Func<long, Span<byte>, int> read)
    {
        WriteHeader('0', path, metadata, size, "");
        WritePiece(new SparseSegment(0, size), read);
        Pad(size);
    }

    private void WritePiece(SparseSegment piece, Func<long, Span<byte>, int> read)
    {
        (long offset, long left) = (piece.Offset, piece.Length);
        while (left > 0)
        {
            Span<byte> part = _buffer.AsSpan(0, (int)Math.Min(left, BufferBytes));
            int count = read(offset, part);
            if (count == 0)
            {
                part.Clear();
                count = part.Length;
            }

            _output.Write(part[..count]);
            (offset, left) = (offset + count, left - count);
        }
    }

    public void AddSymbolicLink(string path, ArchiveMetadata metadata, string target) => WriteHeader('2', path, metadata, 0, target);

    /// <summary>A second name of a file that was added before.</summary>
    public void AddHardLink(string path, ArchiveMetadata metadata, string target) =>
        WriteHeader('1', path, metadata with { Attributes = null }, 0, target);

    public void AddFifo(string path, ArchiveMetadata metadata) => WriteHeader('6', path, metadata, 0, "");

    /// <summary>What the layers below have at the path is gone.</summary>
    public void AddWhiteout(string path)
    {
        int slash = path.LastIndexOf('/') + 1;
        WriteHeader('0', $"{path[..slash]}{Whiteout.Prefix}{path[slash..]}", new ArchiveMetadata(PlainMode, 0, 0, default), 0, "");
    }

    /// <summary>Nothing of what the layers below have in the folder shows.</summary>
    public void AddOpaque(string folder) =>
        WriteHeader('0', folder.Length == 0 ? Whiteout.OpaqueName : $"{folder}/{Whiteout.OpaqueName}", new ArchiveMetadata(PlainMode, 0, 0, default), 0, "");

    /// <summary>Ends the archive. One that is only disposed of stays without an end.</summary>
    public void Complete()
    {
        Span<byte> end = stackalloc byte[2 * BlockBytes];
        end.Clear();
        _output.Write(end);
        _output.Flush();
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    /// <param name="more">Records of the entry's own; null is none.</param>
    private void WriteHeader(char type, string path, ArchiveMetadata metadata, long size, string target, PaxRecordWriter? more = null)
    {
        byte[] name = FileName.ToBytes(path), link = FileName.ToBytes(target);
        PaxRecordWriter pax = more ?? new();
        if (!TarHeaderWriter.FitsText(name))
        {
            pax.AddPath("path", name);
        }

        if (!TarHeaderWriter.FitsText(link))
        {
            pax.AddPath("linkpath", link);
        }

        pax.AddNumber("size", size, TarHeaderWriter.LargestLong);
        pax.AddNumber("uid", metadata.Uid, TarHeaderWriter.LargestShort);
        pax.AddNumber("gid", metadata.Gid, TarHeaderWriter.LargestShort);
        if (metadata.Modified.Nanoseconds != 0 || metadata.Modified.Seconds is < 0 or > TarHeaderWriter.LargestLong)
        {
            pax.AddTime("mtime", metadata.Modified);
        }

        foreach ((string attribute, byte[] value) in metadata.Attributes ?? [])
        {
            pax.Add(PaxRecords.AttributePrefix + attribute, value);
        }

        Span<byte> block = stackalloc byte[BlockBytes];
        if (pax.Content.Length > 0)
        {
            TarHeaderWriter.Write(block, 'x', "././@PaxHeader"u8, new ArchiveMetadata(PlainMode, 0, 0, default), pax.Content.Length, []);
            _output.Write(block);
            _output.Write(pax.Content);
            Pad(pax.Content.Length);
        }

        TarHeaderWriter.Write(block, type, name, metadata, size, link);
        _output.Write(block);
    }

    private void Pad(long size)
    {
        int padding = (int)(-size & (BlockBytes - 1));
        Span<byte> zeros = stackalloc byte[BlockBytes];
        zeros.Clear();
        _output.Write(zeros[..padding]);
    }
}
