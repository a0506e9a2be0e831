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

    /// <summary>All of it, for a place that has room for it: what moves a terminal's cursor, colours or hides is spelled out, as JSON has it.</summary>
    public static string Escaped(string text)
    {
        StringBuilder plain = new(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (Rune rune in text.EnumerateRunes())
        {
            int count = rune.EncodeToUtf16(units);
            foreach (char unit in units[..count])
            {
                if (Moves(rune))
                {
                    Spell(plain, unit);
                }
                else
                {
                    plain.Append(unit);
                }
            }
        }

        return plain.ToString();
    }

    private static bool Moves(Rune rune) => Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;

    private static void Spell(StringBuilder plain, char unit) => plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
}
