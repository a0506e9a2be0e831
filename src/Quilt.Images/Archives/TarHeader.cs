using System.Buffers.Binary;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>One 512-byte header block, in V7, POSIX ustar or GNU form (POSIX.1-2017, pax; GNU tar manual, 'Basic Tar Format').</summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    internal const int BlockBytes = 512;
    private readonly ReadOnlySpan<byte> _block = block;

    internal char Type => (char)_block[156];

    internal long SizeBytes => Number(_block[124..136], "size", allowNegative: false);

    internal uint Permissions => (uint)(Number(_block[100..108], "mode", allowNegative: false) & 0xFFF);

    internal long Uid => Number(_block[108..116], "uid", allowNegative: false);

    internal long Gid => Number(_block[116..124], "gid", allowNegative: false);

    internal FileTime Modified => new(Number(_block[136..148], "mtime", allowNegative: true), 0);

    /// <summary>GNU's old form of a sparse file: four pieces.</summary>
    internal ReadOnlySpan<byte> SparseSegments => _block[386..482];

    internal bool IsSparseExtended => _block[482] != 0;

    internal long SparseSizeBytes => Number(_block[483..495], "size", allowNegative: false);

    internal byte[] LinkTarget => Terminated(_block[157..257]).ToArray();

    /// <summary>With ustar's prefix, which GNU's form uses otherwise.</summary>
    internal byte[] Path
    {
        get
        {
            ReadOnlySpan<byte> name = Terminated(_block[..100]);
            ReadOnlySpan<byte> prefix = _block[257..263].SequenceEqual("ustar\0"u8) ? Terminated(_block[345..500]) : [];
            return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
        }
    }

    internal void VerifyChecksum()
    {
        long sum = 8 * ' ';
        for (int i = 0; i < BlockBytes; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : _block[i];
        }

        if (Number(_block[148..156], "checksum", allowNegative: false) != sum)
        {
            throw Malformed.Layer("it is no tar archive, or a header of it is damaged");
        }
    }

    /// <summary>Octal text, or GNU's binary form for what is too large or negative for that.</summary>
    internal static long Number(ReadOnlySpan<byte> field, string what, bool allowNegative)
    {
        long value = (field[0] & 0x80) != 0 ? Binary(field, what) : Octal(field, what);
        return value >= 0 || allowNegative ? value : throw Malformed.Layer($"a header's {what} is negative");
    }

    private static long Octal(ReadOnlySpan<byte> field, string what)
    {
        long value = 0;
        foreach (byte digit in field.Trim(" \0"u8))
        {
            // Twelve digits at most: no overflow.
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value << 3) + (digit - '0') : throw Malformed.Layer($"a header's {what} is no number");
        }

        return value;
    }

    /// <summary>Two's complement, big-endian; the highest bit only marks the form, the next is the sign.</summary>
    private static long Binary(ReadOnlySpan<byte> field, string what)
    {
        bool negative = (field[0] & 0x40) != 0;
        byte filler = negative ? (byte)0xFF : (byte)0;
        Span<byte> number = stackalloc byte[16];
        number.Fill(filler);
        field.CopyTo(number[(16 - field.Length)..]);
        number[16 - field.Length] = negative ? (byte)(field[0] | 0x80) : (byte)(field[0] & 0x7F);
        Int128 value = BinaryPrimitives.ReadInt128BigEndian(number);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : throw Malformed.Layer($"a header's {what} is too large");
    }

    private static ReadOnlySpan<byte> Terminated(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
