using System.Text;

namespace Quilt.Cognition;

/// <summary>Finds out how text is encoded: by its mark, else UTF-8, else Latin-1.</summary>
internal static class TextEncoding
{
    private const int Looked = 64 << 10;

    /// <summary>Whether there are zero bytes that no encoding explains.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> document) =>
        !IsUtf16(document) && document[..Math.Min(document.Length, Looked)].Contains((byte)0);

    public static string Decode(byte[] document, DocumentText text)
    {
        if (IsUtf16(document))
        {
            return (document[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(document.AsSpan(2));
        }

        ReadOnlySpan<byte> bytes = document.AsSpan().StartsWith("\uFEFF"u8) ? document.AsSpan(3) : document;
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        text.Warn("the text is not UTF-8 and was read as Latin-1");
        return Encoding.Latin1.GetString(bytes);
    }

    private static bool IsUtf16(ReadOnlySpan<byte> document) =>
        document.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || document.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
}
