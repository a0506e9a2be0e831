using System.Text;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>Reads a Dockerfile: lines to instructions.</summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/"/>
internal sealed class DockerfileReader
{
    private readonly SourceText _source;
    private readonly Directives _directives;
    private readonly List<BuildWarning> _warnings = [];
    private int _next;

    private DockerfileReader(SourceText source)
    {
        _source = source;
        _directives = Directives.Read(source);
    }

    /// <param name="name">For messages.</param>
    /// <exception cref="QuiltException">InvalidArgument with line, column, the line itself and what may have been meant.</exception>
    internal static Dockerfile Read(string name, ReadOnlySpan<byte> content)
    {
        SourceText source = SourceText.Read(name, content);
        DockerfileReader reader = new(source);
        return Dockerfile.Of(source, reader._directives, [.. reader.Instructions()], reader._warnings);
    }

    /// <summary>The instruction that an image has for whoever builds on it (ONBUILD).</summary>
    /// <exception cref="QuiltException">As <see cref="Read"/>.</exception>
    internal static IReadOnlyList<Instruction> ReadTrigger(string name, string text)
    {
        List<Instruction> triggers = [.. new DockerfileReader(SourceText.Read(name, Encoding.UTF8.GetBytes(text))).Instructions()];
        Instruction? wrong = triggers.Find(t => t is Instruction.From or Instruction.OnBuild or Instruction.Maintainer);
        return wrong is null ? triggers : throw wrong.Origin.Error($"{wrong.Keyword} cannot be a trigger", "use another base image; this one was made wrongly");
    }

    private IEnumerable<Instruction> Instructions()
    {
        while (NextLine() is { } line)
        {
            yield return InstructionParser.Parse(line, Heredocs);
        }
    }

    private IReadOnlyList<Heredoc> Heredocs(LogicalLine line)
    {
        List<Heredoc> read = [];
        foreach (Heredoc opened in Heredoc.OpenedBy(line.Text))
        {
            read.Add(opened.ReadFrom(_source, ref _next, line.At(line.Text.IndexOf("<<", StringComparison.Ordinal))));
        }

        return read;
    }

    /// <summary>The next instruction's text, with its continuations; null at the end.</summary>
    private LogicalLine? NextLine()
    {
        while (_next < _source.Lines.Count && IsBlankOrComment(_source.Lines[_next]))
        {
            _next++;
        }

        if (_next >= _source.Lines.Count)
        {
            return null;
        }

        string first = _source.Lines[_next].TrimStart();
        StringBuilder text = new();
        List<LogicalLine.Segment> segments = [];
        SourcePosition start = new(_next + 1, _source.Lines[_next].Length - first.Length + 1);
        bool goesOn = Append(first, start);
        _next++;
        while (goesOn && _next < _source.Lines.Count)
        {
            string line = _source.Lines[_next++];
            if (line.AsSpan().TrimStart().StartsWith('#'))
            {
                continue;
            }

            if (string.IsNullOrWhiteSpace(line))
            {
                _warnings.Add(new BuildWarning("NoEmptyContinuation", "an empty line continues an instruction; once it will end it", new SourcePosition(_next, 1)));
                continue;
            }

            goesOn = Append(line, new SourcePosition(_next, 1));
        }

        // A continuation of nothing, at the end of the file.
        return string.IsNullOrWhiteSpace(text.ToString()) ? NextLine() : new LogicalLine(_source, text.ToString(), segments, _directives.Escape);

        bool Append(string line, SourcePosition position)
        {
            segments.Add(new LogicalLine.Segment(text.Length, position));
            bool continues = TryCutContinuation(line, out string kept);
            text.Append(kept);
            return continues;
        }
    }

    /// <summary>An escape at the end, spaces behind it or not, continues the line; one that is escaped itself does not.</summary>
    private bool TryCutContinuation(string line, out string kept)
    {
        string trimmed = line.TrimEnd(' ', '\t');
        bool continues = trimmed.EndsWith(_directives.Escape) && !(trimmed.Length > 1 && trimmed[^2] == _directives.Escape);
        kept = continues ? trimmed[..^1] : line;
        return continues;
    }

    private static bool IsBlankOrComment(string line)
    {
        ReadOnlySpan<char> trimmed = line.AsSpan().TrimStart();
        return trimmed.IsEmpty || trimmed[0] == '#';
    }
}
