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
            if (char.IsControl(c) || char.IsSurrogate(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format)
            {
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                plain.Append(c);
            }
        }

        return text.Length > Longest ? plain.Append('…').ToString() : plain.ToString();
    }
}
