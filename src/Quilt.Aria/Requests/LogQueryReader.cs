using System.Text.RegularExpressions;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

public static class LogQueryReader
{
    /// <summary>So many of the last lines can be asked for: they are in memory until they are sent.</summary>
    internal const int MostTail = 100_000;
    private const int LongestPattern = 1024;

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    public static LogQuery Read(GetContainerLogsArguments asked) => new()
    {
        Tail = asked.Tail,
        Since = asked.Since,
        Until = asked.Until,
        Stream = asked.Stream switch
        {
            null or "" => null,
            "stdout" => LogStream.Stdout,
            "stderr" => LogStream.Stderr,
            _ => throw QuiltException.Invalid("stream", $"stream '{asked.Stream}' is unknown", "use stdout or stderr, or leave it out for both"),
        },
        Pattern = string.IsNullOrEmpty(asked.Pattern) ? null : Pattern(asked.Pattern),
        Follow = asked.Follow,
        After = string.IsNullOrEmpty(asked.Cursor) ? null : Cursor("cursor", asked.Cursor),
    };

    public static int Tail(long lines) => lines is >= 0 and <= MostTail
        ? (int)lines
        : throw QuiltException.Invalid("tail", $"tail {lines} is no number of lines that can be had at once", $"give 0 to {MostTail}, or leave it out for all");

    public static LogCursor Cursor(string field, string text) => text.Length == 0 ? default : LogCursor.TryParse(text, out LogCursor cursor)
        ? cursor
        : throw QuiltException.Invalid(field, $"'{text}' is no place in a log", "give the cursor of a line that you were told");

    /// <summary>Without backtracking, so that no pattern takes more than its share of time.</summary>
    public static Regex Pattern(string text)
    {
        try
        {
            return text.Length <= LongestPattern
                ? new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
                : throw QuiltException.Invalid("pattern", $"the pattern is longer than {LongestPattern} characters", "make it shorter");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw QuiltException.Invalid("pattern", $"'{text}' is no regular expression that can be used: {e.Message}", "use .NET's syntax without look-around and back-references");
        }
    }
}
