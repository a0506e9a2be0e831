using Google.Protobuf.WellKnownTypes;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Durations and moments of requests. On the wire they hold more than either can be.</summary>
internal static class WireTime
{
    /// <exception cref="QuiltException">InvalidArgument: it is longer than a thousand years, or its nanoseconds are out of range or of another sign.</exception>
    internal static TimeSpan? Span(string field, Duration? duration)
    {
        try
        {
            TimeSpan? time = duration?.ToTimeSpan();
            if (time is null || time.Value.Duration() <= DurationText.Longest)
            {
                return time;
            }
        }
        catch (InvalidOperationException)
        {
            // Told as what is too long is.
        }

        throw QuiltException.Invalid(
            field, $"{field} of {duration!.Seconds} s and {duration.Nanos} ns is no duration",
            $"give at most {DurationText.Format(DurationText.Longest)}, and less than {Duration.NanosecondsPerSecond} ns of the same sign");
    }

    /// <exception cref="QuiltException">InvalidArgument: it is before the year 1 or after 9999, or its nanoseconds are out of range.</exception>
    internal static DateTimeOffset? Moment(string field, Timestamp? time)
    {
        try
        {
            return time?.ToDateTimeOffset();
        }
        catch (InvalidOperationException)
        {
            throw QuiltException.Invalid(
                field, $"{field} of {time!.Seconds} s and {time.Nanos} ns is no moment",
                "give seconds since 1970 of the years 1 to 9999, and 0 to 999999999 ns");
        }
    }
}
