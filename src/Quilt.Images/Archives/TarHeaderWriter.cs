using System.Text;

namespace Quilt.Images;

/// <summary>Header blocks in POSIX's ustar form. What does not fit is cut or left 0, for a PAX record to say.</summary>
internal static class TarHeaderWriter
{
    /// <summary>What seven and eleven octal digits hold.</summary>
    internal const long LargestShort = (1L << 21) - 1, LargestLong = (1L << 33) - 1;
    private const int NameBytes = 100;

    /// <summary>Whether a name needs no PAX record: it is short, and the same bytes to every reader.</summary>
    internal static bool FitsText(ReadOnlySpan<byte> text) => text.Length <= NameBytes && Ascii.IsValid(text);

    internal static void Write(Span<byte> block, char type, ReadOnlySpan<byte> name, ArchiveMetadata metadata, long size, ReadOnlySpan<byte> target)
    {
        block.Clear();
        Cut(name).CopyTo(block);
        Octal(block[100..108], metadata.Permissions);
        Octal(block[108..116], metadata.Uid > LargestShort ? 0 : metadata.Uid);
        Octal(block[116..124], metadata.Gid > LargestShort ? 0 : metadata.Gid);
        Octal(block[124..136], size > LargestLong ? 0 : size);
        Octal(block[136..148], metadata.Modified.Seconds is < 0 or > LargestLong ? 0 : metadata.Modified.Seconds);
        block[148..156].Fill((byte)' ');
        block[156] = (byte)type;
        Cut(target).CopyTo(block[157..]);
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        Octal(block[329..337], 0);
        Octal(block[337..345], 0);
        long sum = 0;
        foreach (byte value in block)
        {
            sum += value;
        }

        Octal(block[148..155], sum);
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text) => text[..Math.Min(text.Length, NameBytes)];

    /// <summary>Fills the field but for its last byte, which ends it.</summary>
    private static void Octal(Span<byte> field, long value)
    {
        for (int i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }

        field[^1] = 0;
    }
}
