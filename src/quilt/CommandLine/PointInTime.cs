using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A moment, as --since and --until take it.</summary>
internal static class PointInTime
{
    /// <summary>Larger numbers are Unix time, smaller ones seconds before now.</summary>
    internal const double OldestUnixSeconds = 100_000_000;

    // The end of the year 9999, after which nothing here can be written; Unix milliseconds of ours are beyond it.
    private const double LastUnixSeconds = 253_402_300_799;

    /// <param name="text">RFC 3339 (UTC where it names no zone), Unix seconds, or how long ago: <c>10m</c>.</param>
    internal static Timestamp? Parse(string? text, string field, DateTimeOffset now)
    {
        if (text is null)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double unix) && unix is >= OldestUnixSeconds and <= LastUnixSeconds)
        {
            return Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(unix));
        }

        if (DurationText.TryParse(text, out TimeSpan ago))
        {
            return Timestamp.FromDateTimeOffset(now - ago);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? Timestamp.FromDateTimeOffset(time)
            : throw QuiltException.Invalid(field, $"{field} '{text}' is not a time", "give 2026-01-31T12:00:00Z, Unix seconds, or how long ago, such as 10m");
    }
}
