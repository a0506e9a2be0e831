using System.Text;
using System.Text.Unicode;

namespace Quilt.Linux;

/// <summary>
/// Names of files as text. For the kernel they are bytes: where those are no UTF-8, each byte that is part of no character becomes half a surrogate pair
/// (U+DC80 to U+DCFF), as in Python (PEP 383), and the same byte again where the name is used.
/// </summary>
public static class FileName
{
    private const char First = '\uDC80', Last = '\uDCFF';
    private const int Shift = 0xDC00;

    /// <summary>No two names become the same text, and ASCII, such as a slash or a dot, is made of nothing but itself.</summary>
    public static string FromBytes(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
        {
            return Encoding.UTF8.GetString(name);
        }

        StringBuilder text = new(name.Length);
        while (name.Length > 0)
        {
            bool isCharacter = Rune.DecodeFromUtf8(name, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (isCharacter)
            {
                text.Append(rune);
            }
            else
            {
                foreach (byte part in name[..length])
                {
                    text.Append((char)(Shift + part));
                }
            }

            name = name[length..];
        }

        return text.ToString();
    }

    public static byte[] ToBytes(string name)
    {
        byte[] bytes = new byte[MostBytes(name)];
        return bytes[..ToBytes(name, bytes)];
    }

    /// <summary>How long it is to the kernel.</summary>
    public static int ByteCount(string name) => name.AsSpan().ContainsAnyInRange(First, Last) ? ToBytes(name).Length : Encoding.UTF8.GetByteCount(name);

    /// <summary>Bytes that are enough for a name.</summary>
    internal static int MostBytes(string name) => Encoding.UTF8.GetMaxByteCount(name.Length);

    /// <returns>How many bytes were written.</returns>
    internal static int ToBytes(ReadOnlySpan<char> name, Span<byte> bytes)
    {
        if (!name.ContainsAnyInRange(First, Last))
        {
            return Encoding.UTF8.GetBytes(name, bytes);
        }

        int written = 0;
        while (name.Length > 0)
        {
            bool isCharacter = Rune.DecodeFromUtf16(name, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (!isCharacter && name[0] is >= First and <= Last)
            {
                bytes[written++] = (byte)(name[0] - Shift);
            }
            else
            {
                written += rune.EncodeToUtf8(bytes[written..]); // what is neither is U+FFFD
            }

            name = name[length..];
        }

        return written;
    }
}
