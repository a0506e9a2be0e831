using System.Buffers;
using System.Text;

namespace Quilt.Images;

/// <summary>
/// Writes a layer's archive: ustar, with PAX records for what that cannot hold (POSIX.1-2017, pax). The same entries make the
/// same bytes. Paths are relative, parted by <c>/</c>, without <c>.</c> and <c>..</c>; an empty one is the root.
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

    private void WriteHeader(char type, string path, ArchiveMetadata metadata, long size, string target)
    {
        byte[] name = Encoding.UTF8.GetBytes(path), link = Encoding.UTF8.GetBytes(target);
        PaxRecordWriter pax = new();
        if (!TarHeaderWriter.FitsText(name))
        {
            pax.Add("path", name);
        }

        if (!TarHeaderWriter.FitsText(link))
        {
            pax.Add("linkpath", link);
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
