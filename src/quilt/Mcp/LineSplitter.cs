using System.Text;

namespace Quilt.Cli;

/// <summary>Lines out of pieces of any size; blank ones are nobody's message.</summary>
internal sealed class LineSplitter
{
    private readonly List<byte> _rest = [];

    /// <summary>The lines that this piece completes, without their ends.</summary>
    internal List<string> Add(ReadOnlySpan<byte> piece)
    {
        List<string> lines = [];
        int end;
        while ((end = piece.IndexOf((byte)'\n')) >= 0)
        {
            _rest.AddRange(piece[..end]);
            if (Rest() is { } line)
            {
                lines.Add(line);
            }

            piece = piece[(end + 1)..];
        }

        _rest.AddRange(piece);
        return lines;
    }

    /// <summary>What came after the last end of a line; null where that is nothing.</summary>
    internal string? Rest()
    {
        string line = Encoding.UTF8.GetString([.. _rest]).Trim();
        _rest.Clear();
        return line.Length == 0 ? null : line;
    }
}
