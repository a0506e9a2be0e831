using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace Quilt.Build;

/// <summary>Whether a file is an archive that ADD unpacks.</summary>
internal enum ArchiveContent
{
    None,
    Tar,

    /// <summary>Of a compression that we do not read: it cannot be told whether it is one.</summary>
    Unknown,
}

internal static class ArchiveKind
{
    private const int BlockBytes = 512, ChecksumAt = 148, ChecksumBytes = 8;

    /// <summary>Told by what is in it, decompressed, and not by its name.</summary>
    /// <param name="content">Seekable, at its beginning; left anywhere.</param>
    internal static ArchiveContent Of(Stream content)
    {
        Span<byte> start = stackalloc byte[6];
        start = start[..content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        content.Seek(0, SeekOrigin.Begin);
        if (start.StartsWith("BZh"u8) || start.StartsWith<byte>([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
        {
            return ArchiveContent.Unknown;
        }

        byte[] block = new byte[BlockBytes];
        try
        {
            using Stream? decompressed = start.StartsWith<byte>([0x1F, 0x8B]) ? new GZipStream(content, CompressionMode.Decompress, leaveOpen: true)
                : start.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD]) ? new DecompressionStream(content, leaveOpen: true)
                : null;
            int count = (decompressed ?? content).ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false);
            return count == BlockBytes && IsHeader(block) ? ArchiveContent.Tar : ArchiveContent.None;
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            return ArchiveContent.None;
        }
    }

    /// <summary>A header tells the sum of its own bytes, its sum taken as spaces (POSIX.1-2017, ustar).</summary>
    private static bool IsHeader(ReadOnlySpan<byte> block)
    {
        string text = Encoding.ASCII.GetString(block.Slice(ChecksumAt, ChecksumBytes)).Trim('\0', ' ');
        if (text.Length == 0 || text.Any(c => c is < '0' or > '7'))
        {
            return false;
        }

        int sum = ChecksumBytes * ' ';
        for (int i = 0; i < block.Length; i++)
        {
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumBytes ? 0 : block[i];
        }

        return Convert.ToInt32(text, 8) == sum;
    }
}
