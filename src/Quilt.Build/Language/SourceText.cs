using System.Globalization;
using System.Text;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>Where something stands in a Dockerfile; both from 1.</summary>
public readonly record struct SourcePosition(int Line, int Column);

/// <summary>A Dockerfile's lines, which its errors show.</summary>
internal sealed class SourceText
{
    /// <summary>Of an error that tells its place in the file.</summary>
    internal const string Field = "dockerfile";
    private const int LongestBytes = 1 << 20, MostLines = 50_000, LongestShown = 160;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SourceText(string name, string[] lines)
    {
        Name = name;
        Lines = lines;
    }

    /// <summary>For messages.</summary>
    internal string Name { get; }

    /// <summary>Without their ends.</summary>
    internal IReadOnlyList<string> Lines { get; }

    /// <exception cref="QuiltException">InvalidArgument: it is empty, too large, or not UTF-8.</exception>
    internal static SourceText Read(string name, ReadOnlySpan<byte> content)
    {
        if (content.Length > LongestBytes)
        {
            throw Unreadable(name, $"has {content.Length} bytes; at most {LongestBytes} are read");
        }

        content = content.StartsWith(Encoding.UTF8.Preamble) ? content[3..] : content;
        string text;
        try
        {
            text = Strict.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            throw Unreadable(name, "is not UTF-8");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw Unreadable(name, "holds a NUL");
        }

        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            lines[i] = lines[i].TrimEnd('\r');
        }

        lines = lines[^1].Length == 0 ? lines[..^1] : lines;
        return lines.Length <= MostLines ? new SourceText(name, lines) : throw Unreadable(name, $"has more than {MostLines} lines");
    }

    /// <summary>An error that shows the line and points at the column.</summary>
    internal QuiltException Error(SourcePosition at, string message, string remedy, ErrorCode code = ErrorCode.InvalidArgument, Exception? inner = null)
    {
        string number = at.Line.ToString(CultureInfo.InvariantCulture);
        string margin = new(' ', number.Length);
        string line = at.Line <= Lines.Count ? Lines[at.Line - 1] : "";

        // A window of a long line, so that the caret is in sight.
        int start = Math.Max(0, Math.Min(at.Column - 1, line.Length) - LongestShown / 2);
        string shown = Shown(line.Substring(start, Math.Min(LongestShown, line.Length - start)));
        string before = Shown(line[start..Math.Min(line.Length, Math.Max(start, at.Column - 1))]);
        return new QuiltException(
            code,
            $"{Name}:{at.Line}:{at.Column}: {message}\n {number} | {shown}\n {margin} | {new string(' ', before.Length)}^",
            remedy, Field, inner);
    }

    // A tab would move the caret away from what it points at.
    private static string Shown(string text) => Text.Printable(text.Replace('\t', ' '));

    private static QuiltException Unreadable(string name, string why) =>
        QuiltException.Invalid(Field, $"{name} {why}", "give a Dockerfile as UTF-8 text");
}
