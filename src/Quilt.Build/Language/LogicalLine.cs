using Quilt.Core;

namespace Quilt.Build;

/// <summary>An instruction's text: one line, or several that continuations made one. Knows where each character stood.</summary>
internal sealed class LogicalLine(SourceText source, string text, IReadOnlyList<LogicalLine.Segment> segments, char escape)
{
    /// <summary>From <paramref name="Offset"/> on the text is that of a line, which begins there at a column.</summary>
    internal readonly record struct Segment(int Offset, SourcePosition Position);

    internal SourceText Source { get; } = source;
    internal string Text { get; } = text;

    /// <summary>Of the file: <c>\</c> unless a directive says <c>`</c>.</summary>
    internal char Escape { get; } = escape;

    /// <summary>The line without what stands before an offset.</summary>
    internal LogicalLine From(int offset) =>
        new(Source, Text[offset..], [new Segment(0, At(offset)), .. segments.Where(s => s.Offset > offset).Select(s => s with { Offset = s.Offset - offset })], Escape);

    internal SourcePosition At(int offset)
    {
        Segment found = segments[0];
        foreach (Segment segment in segments)
        {
            found = segment.Offset <= offset ? segment : found;
        }

        return found.Position with { Column = found.Position.Column + Math.Max(0, offset - found.Offset) };
    }

    internal QuiltException Error(int offset, string message, string remedy) => Source.Error(At(offset), message, remedy);
}
