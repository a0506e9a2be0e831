using System.Text.RegularExpressions;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

internal static class LogQueryReader
{
    private const int LongestPattern = 1024;

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static LogQuery Read(GetLogsRequest request) => new()
    {
        Tail = !request.HasTail ? null : request.Tail is >= 0 and <= int.MaxValue
            ? (int)request.Tail
            : throw QuiltException.Invalid("tail", $"tail {request.Tail} is no number of lines", "give 0 or more"),
        Since = request.Since?.ToDateTimeOffset(),
        Until = request.Until?.ToDateTimeOffset(),
        Stream = request.Stream switch
        {
            "" => null,
            "stdout" => LogStream.Stdout,
            "stderr" => LogStream.Stderr,
            _ => throw QuiltException.Invalid("stream", $"stream '{request.Stream}' is unknown", "use stdout or stderr, or leave it out for both"),
        },
        Pattern = request.Pattern.Length > 0 ? Pattern(request.Pattern) : null,
        Follow = request.Follow,
        After = request.Cursor.Length > 0 ? Cursor("cursor", request.Cursor) : null,
    };

    internal static LogCursor Cursor(string field, string text) => text.Length == 0 ? default : LogCursor.TryParse(text, out LogCursor cursor)
        ? cursor
        : throw QuiltException.Invalid(field, $"'{text}' is no place in a log", "give the cursor of a line that you were told");

    /// <summary>Without backtracking, so that no pattern takes more than its share of time.</summary>
    internal static Regex Pattern(string text)
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
