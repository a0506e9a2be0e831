using System.Globalization;

namespace Quilt.Core;

/// <summary>A size in bytes, written as a number or as <c>512MiB</c>, <c>1.5G</c>, <c>64k</c> (powers of 1024, as Docker reads them).</summary>
public readonly record struct ByteSize(long Bytes)
{
    private const string Units = "kmgtp";

    public static ByteSize Parse(string text, string field) =>
        TryParse(text, out ByteSize size)
            ? size
            : throw QuiltException.Invalid(field, $"{field} '{Text.Printable(text)}' is not a size", "give bytes or a number with a unit, such as 512MiB");

    public static bool TryParse(string? text, out ByteSize size)
    {
        size = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int digits = rest.IndexOfAnyExcept("0123456789.");
        ReadOnlySpan<char> number = digits < 0 ? rest : rest[..digits];
        ReadOnlySpan<char> unit = digits < 0 ? [] : rest[digits..].Trim();
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            || !TryUnit(unit, out long factor))
        {
            return false;
        }

        try
        {
            size = new ByteSize((long)(value * factor));
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static bool TryUnit(ReadOnlySpan<char> unit, out long factor)
    {
        factor = 1;
        if (unit.IsEmpty || unit is "b" or "B")
        {
            return true;
        }

        int power = Units.IndexOf(char.ToLowerInvariant(unit[0]), StringComparison.Ordinal);
        if (power < 0 || unit[1..] is not ("" or "b" or "B" or "iB" or "ib"))
        {
            return false;
        }

        factor = 1L << (10 * (power + 1));
        return true;
    }

    public override string ToString()
    {
        int power = 0;
        decimal value = Bytes;
        while (Math.Abs(value) >= 1024 && power < Units.Length)
        {
            value /= 1024;
            power++;
        }

        return power == 0
            ? $"{Bytes}B"
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.##}{char.ToUpperInvariant(Units[power - 1])}iB");
    }
}
