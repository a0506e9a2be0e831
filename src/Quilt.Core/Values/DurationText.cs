using System.Globalization;

namespace Quilt.Core;

/// <summary>Durations as people write them: seconds (<c>30</c>, <c>0.5</c>) or numbers with units (<c>1h30m</c>, <c>250ms</c>).</summary>
public static class DurationText
{
    /// <summary>A thousand years: enough for any time, and from any moment of ours on it leads to one that can be written.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365_000);

    // Enough for any time, and little enough that one more on top of the longest time is still a number.
    private const int LongestNumber = 20;

    public static TimeSpan Parse(string text, string field) => TryParse(text, out TimeSpan duration)
        ? duration
        : throw QuiltException.Invalid(field, $"{field} '{Text.Printable(text)}' is not a duration", $"give seconds or a number with a unit, such as 30s, 5m or 1h30m; at most {Format(Longest)}");

    public static bool TryParse(string? text, out TimeSpan duration) => TryParse(text, cut: false, out duration);

    /// <summary>One that was written down before there was a <see cref="Longest"/>: what is longer is that long.</summary>
    public static bool TryParseStored(string? text, out TimeSpan duration) => TryParse(text, cut: true, out duration);

    private static bool TryParse(string? text, bool cut, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        decimal seconds = 0;
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept("0123456789.");
            ReadOnlySpan<char> number = digits < 0 ? rest : rest[..digits];
            rest = digits < 0 ? [] : rest[digits..];
            int letters = rest.IndexOfAny("0123456789.");
            ReadOnlySpan<char> unit = letters < 0 ? rest : rest[..letters];
            rest = letters < 0 ? [] : rest[letters..];
            decimal factor = unit switch { "" or "s" => 1, "ms" => 0.001m, "m" => 60, "h" => 3600, "d" => 86400, _ => 0 };
            if (factor == 0 || number.Length > LongestNumber || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
            {
                return false;
            }

            seconds += value * factor;
            if (seconds > (decimal)Longest.TotalSeconds)
            {
                duration = cut ? Longest : default;
                return cut;
            }
        }

        duration = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    /// <summary>As <see cref="Parse"/> reads it, in the largest units that hold it: <c>1h30m</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        (double Milliseconds, string Unit)[] units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
        double left = Math.Round(duration.TotalMilliseconds);
        System.Text.StringBuilder text = new();
        foreach ((double milliseconds, string unit) in units)
        {
            double count = Math.Floor(left / milliseconds);
            if (count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
                left -= count * milliseconds;
            }
        }

        return text.ToString();
    }
}
