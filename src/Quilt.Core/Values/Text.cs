using System.Buffers;
using System.Globalization;
using System.Text;

namespace Quilt.Core;

/// <summary>Text that others wrote, on its way into a message of ours.</summary>
public static class Text
{
    private const int Longest = 200;

    /// <summary>At most 200 characters, and none that moves a terminal's cursor or hides what is there.</summary>
    public static string Printable(string text)
    {
        StringBuilder plain = new(Math.Min(text.Length, Longest));
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            if (char.IsSurrogate(c) || Moves(new Rune(c)))
            {
                Spell(plain, c);
            }
            else
            {
                plain.Append(c);
            }
        }

        return text.Length > Longest ? plain.Append('…').ToString() : plain.ToString();
    }

    /// <summary>All of it, for a place that has room for it: what moves a terminal's cursor, colours or hides, and half a character, such as a byte of a file's name that is no UTF-8, is spelled out, as JSON has it.</summary>
    public static string Escaped(string text)
    {
        StringBuilder plain = new(text.Length);
        ReadOnlySpan<char> left = text;
        while (left.Length > 0)
        {
            bool isCharacter = Rune.DecodeFromUtf16(left, out Rune rune, out int length) == OperationStatus.Done;
            foreach (char unit in left[..length])
            {
                if (!isCharacter || Moves(rune))
                {
                    Spell(plain, unit);
                }
                else
                {
                    plain.Append(unit);
                }
            }

            left = left[length..];
        }

        return plain.ToString();
    }

    private static bool Moves(Rune rune) => Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;

    private static void Spell(StringBuilder plain, char unit) => plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
}
