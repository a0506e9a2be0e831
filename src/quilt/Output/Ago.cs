using Google.Protobuf.WellKnownTypes;

namespace Quilt.Cli;

/// <summary>Times as people say them.</summary>
internal static class Ago
{
    /// <summary>Empty where there is no time; images made reproducibly bear the Unix epoch's.</summary>
    internal static string Text(Timestamp? time, DateTimeOffset now) => time is null or { Seconds: 0 } ? "" : Span(now - time.ToDateTimeOffset()) + " ago";

    /// <summary>The largest unit that fits: 59 seconds, 3 minutes, 2 hours, 5 days.</summary>
    internal static string Span(TimeSpan span)
    {
        (long count, string unit) = span switch
        {
            { TotalSeconds: < 60 } => (Math.Max(0, (long)span.TotalSeconds), "second"),
            { TotalMinutes: < 60 } => ((long)span.TotalMinutes, "minute"),
            { TotalHours: < 48 } => ((long)span.TotalHours, "hour"),
            _ => ((long)span.TotalDays, "day"),
        };
        return count == 1 ? $"1 {unit}" : $"{count} {unit}s";
    }
}
