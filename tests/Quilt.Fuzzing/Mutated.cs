using System.Text;
using CsCheck;
using Quilt.Fuzzing.Guidance;

namespace Quilt.Fuzzing;

/// <summary>Valid inputs with up to six things done to them: bits flipped, bytes put in, pieces cut, repeated, moved and spliced, numbers made huge, strange text put in.</summary>
public static class Mutated
{
    /// <summary>No input grows beyond it.</summary>
    private const int Longest = 32 << 10;

    private static readonly byte[][] Strange =
    [
        [0], [0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], "\\ud800"u8.ToArray(), "\\u0000"u8.ToArray(), "\r\n\r\n"u8.ToArray(),
        "../../.."u8.ToArray(), "/proc/self/fd/7"u8.ToArray(), "null"u8.ToArray(), "-1"u8.ToArray(), "1e999"u8.ToArray(), "0x7fffffff"u8.ToArray(), "%00%n"u8.ToArray(),
        "18446744073709551615"u8.ToArray(), "9223372036854775808"u8.ToArray(), "99999999999999999999999999999999999999"u8.ToArray(), "::ffff:127.0.0.1"u8.ToArray(),
        Repeat("["u8, 300), Repeat("{\"a\":"u8, 300), Repeat(" "u8, 300), Repeat("\\"u8, 99), Repeat("${a:-"u8, 99), Repeat("9"u8, 400), "\u2003\u2028\u202e"u8.ToArray(),
    ];

    public static Gen<byte[]> Bytes(params byte[][] valid) => Bytes(Corpus.Of(valid));

    internal static Gen<byte[]> Bytes(Corpus corpus) =>
        Gen.Select(Gen.Int[0, 1 << 20], Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1 << 20], Gen.Int[0, 1 << 20]).Array[0, 6]).Select((which, changes) =>
        {
            byte[] bytes = corpus[which];
            foreach ((int kind, int at, int with) in changes)
            {
                bytes = Change(bytes, kind, at % (bytes.Length + 1), with, corpus);
                bytes = bytes.Length > Longest ? bytes[..Longest] : bytes;
            }

            return corpus.Made(bytes);
        });

    public static Gen<byte[]> Bytes(params string[] valid) => Bytes([.. valid.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>As text; what is no UTF-8 has become U+FFFD, as it would on its way.</summary>
    public static Gen<string> Text(params string[] valid) => Bytes(valid).Select(Encoding.UTF8.GetString);

    private static byte[] Change(byte[] bytes, int kind, int at, int with, Corpus corpus)
    {
        int end = at + (with % (bytes.Length - at + 1));
        byte[] other = corpus[with];
        return kind switch
        {
            0 when at < bytes.Length => [.. bytes[..at], (byte)(bytes[at] ^ (1 << (with % 8))), .. bytes[(at + 1)..]],
            1 when at < bytes.Length => [.. bytes[..at], (byte)with, .. bytes[(at + 1)..]],
            2 => bytes[..at],
            3 => [.. bytes[..at], .. bytes[end..]],
            4 => [.. bytes[..at], .. Repeat(bytes.AsSpan(at..end), 1 + (with % 40)), .. bytes[at..]],
            5 => [.. bytes[..at], .. other[(at % (other.Length + 1))..]],
            6 => [.. bytes[..at], .. Strange[with % Strange.Length], .. bytes[at..]],
            7 => [.. bytes[..at], (byte)with, .. bytes[at..]],
            8 => Number(bytes, at, Strange[with % Strange.Length]),
            _ => [.. bytes[at..end], .. bytes[..at], .. bytes[end..]],
        };
    }

    /// <summary>Puts something in the place of the first run of digits from a place on.</summary>
    private static byte[] Number(byte[] bytes, int at, byte[] with)
    {
        int start = at + (bytes.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9') is var found and >= 0 ? found : bytes.Length - at);
        int length = bytes.AsSpan(start).IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var digits and >= 0 ? digits : bytes.Length - start;
        return [.. bytes[..start], .. with, .. bytes[(start + length)..]];
    }

    private static byte[] Repeat(ReadOnlySpan<byte> piece, int count)
    {
        count = Math.Min(count, piece.IsEmpty ? 0 : Longest / piece.Length);
        byte[] all = new byte[piece.Length * count];
        for (int i = 0; i < count; i++)
        {
            piece.CopyTo(all.AsSpan(i * piece.Length));
        }

        return all;
    }
}
