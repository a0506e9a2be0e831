using System.Text;
using Quilt.Images;

namespace Quilt.Build;

/// <summary>Whether a file is an archive that ADD unpacks.</summary>
internal static class ArchiveKind
{
    private const int BlockBytes = 512, ChecksumAt = 148, ChecksumBytes = 8;

    /// <summary>Told by what is in it, decompressed, and not by its name.</summary>
    /// <param name="content">At its beginning; left anywhere.</param>
    internal static bool IsArchive(Stream content)
    {
        byte[] block = new byte[BlockBytes];
        try
        {
            using Stream decompressed = Decompression.Open(content);
            return decompressed.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false) == BlockBytes && IsHeader(block);
        }
        catch (Exception e) when (Decompression.IsDamage(e))
        {
            return false;
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
