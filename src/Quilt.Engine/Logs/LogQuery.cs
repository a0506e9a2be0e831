using System.Text.RegularExpressions;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>Which lines of a log are wanted.</summary>
public sealed record LogQuery
{
    /// <summary>The last so many of those that match; null is all.</summary>
    public int? Tail { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>Null: both.</summary>
    public LogStream? Stream { get; init; }
    public Regex? Pattern { get; init; }

    /// <summary>Goes on with what is written from now on, until the process ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Only what comes after this place.</summary>
    public LogCursor? After { get; init; }

    internal bool Matches(LogEntry entry) =>
        (Since is null || entry.Time >= Since)
        && (Until is null || entry.Time <= Until)
        && (Stream is null || entry.Stream == Stream)
        && (Pattern is null || Pattern.IsMatch(System.Text.Encoding.UTF8.GetString(entry.Data.Span).TrimEnd('\r', '\n')));
}
