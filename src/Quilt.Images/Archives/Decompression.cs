using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Quilt.Images;

/// <summary>Archives by what they are compressed, as their first bytes say: gzip, zstd, xz, bzip2, or not at all.</summary>
public static class Decompression
{
    /// <summary>128 MiB: more than any layer's compressor uses by default, less than a frame may ask for (2 GiB).</summary>
    private const int MaximumWindowLog = 27;
    private const int BufferBytes = 256 << 10;

    /// <summary>Decompresses what it reads, and does not close it.</summary>
    /// <exception cref="Core.QuiltException">FailedPrecondition where it takes a program that the host does not have.</exception>
    public static Stream Open(Stream content) => Open(new LayerSource(content));

    /// <summary>What reading threw says that the archive is damaged.</summary>
    public static bool IsDamage(Exception failure) => failure is InvalidDataException or ZstdException or EndOfStreamException;

    internal static Stream Open(LayerSource source)
    {
        ReadOnlySpan<byte> start = source.Start;
        if (start.StartsWith<byte>([0x1F, 0x8B]))
        {
            return new GZipStream(source, CompressionMode.Decompress, leaveOpen: true);
        }

        if (start.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD]))
        {
            DecompressionStream zstd = new(source, BufferBytes, leaveOpen: true);
            zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaximumWindowLog);
            return zstd;
        }

        return start.StartsWith<byte>([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) ? ProgramStream.Xz(source)
            : start.StartsWith("BZh"u8) ? ProgramStream.Bzip2(source)
            : source;
    }
}
