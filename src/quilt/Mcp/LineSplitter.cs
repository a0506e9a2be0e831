using System.Text;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Lines out of pieces of any size; blank ones are nobody's message.</summary>
/// <param name="longest">In bytes; what has no end before it is no message.</param>
internal sealed class LineSplitter(int longest = LineSplitter.Longest)
{
    /// <summary>The daemon takes no more in one message.</summary>
    internal const int Longest = 16 << 20;
    private readonly List<byte> _rest = [];

    /// <summary>The lines that this piece completes, without their ends.</summary>
    /// <exception cref="QuiltException">InvalidArgument: one is too long.</exception>
    internal List<string> Add(ReadOnlySpan<byte> piece)
    {
        List<string> lines = [];
        int end;
        while ((end = piece.IndexOf((byte)'\n')) >= 0)
        {
            Append(piece[..end]);
            if (Rest() is { } line)
            {
                lines.Add(line);
            }

            piece = piece[(end + 1)..];
        }

        Append(piece);
        return lines;
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        if (_rest.Count + piece.Length > longest)
        {
            throw QuiltException.Invalid("stdin", $"a line has more than {longest} bytes", "send one message of JSON-RPC a line, and less in one");
        }

        _rest.AddRange(piece);
    }

    /// <summary>What came after the last end of a line; null where that is nothing.</summary>
    internal string? Rest()
    {
        string line = Encoding.UTF8.GetString([.. _rest]).Trim();
        _rest.Clear();
        return line.Length == 0 ? null : line;
    }
}
