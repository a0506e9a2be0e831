using Quilt.Core;

namespace Quilt.Build;

/// <summary>One instruction's line to what it says.</summary>
internal sealed partial class InstructionParser
{
    private static readonly Dictionary<string, Func<InstructionParser, Instruction>> ByKeyword = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ADD"] = p => p.Copy("checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"),
        ["ARG"] = p => p.Arg(),
        ["CMD"] = p => new Instruction.Command(p._origin, p.CommandLine()),
        ["COPY"] = p => p.Copy("chmod", "chown", "exclude", "from", "link", "parents"),
        ["ENTRYPOINT"] = p => new Instruction.Entrypoint(p._origin, p.CommandLine()),
        ["ENV"] = p => p.Pairs((pairs, old) => new Instruction.Env(p._origin, pairs, old)),
        ["EXPOSE"] = p => new Instruction.Expose(p._origin, p.Needs(p.Words(), "a port, such as 80 or 53/udp")),
        ["FROM"] = p => p.From(),
        ["HEALTHCHECK"] = p => p.HealthCheck(),
        ["LABEL"] = p => p.Pairs((pairs, old) => new Instruction.Label(p._origin, pairs, old)),
        ["MAINTAINER"] = p => new Instruction.Maintainer(p._origin, p.One("a name").Text),
        ["ONBUILD"] = p => p.OnBuild(),
        ["RUN"] = p => p.Run(),
        ["SHELL"] = p => p.Shell(),
        ["STOPSIGNAL"] = p => new Instruction.StopSignal(p._origin, p.One("a signal, such as SIGTERM")),
        ["USER"] = p => new Instruction.User(p._origin, p.One("a user, such as 1000 or app:staff")),
        ["VOLUME"] = p => p.Volume(),
        ["WORKDIR"] = p => new Instruction.WorkingDirectory(p._origin, p.One("a path")),
    };

    private readonly LogicalLine _line;
    private readonly InstructionOrigin _origin;
    private readonly Func<LogicalLine, IReadOnlyList<Heredoc>> _heredocs;
    private int _at;
    private Flags? _flags;

    private InstructionParser(LogicalLine line, string keyword, int at, Func<LogicalLine, IReadOnlyList<Heredoc>> heredocs)
    {
        _line = line;
        _origin = new InstructionOrigin(line, keyword);
        _at = at;
        _heredocs = heredocs;
    }

    /// <summary>What is left, without the spaces around it.</summary>
    private string Rest => _line.Text[_at..].TrimEnd();

    /// <param name="heredocs">Reads what the line opens, from the lines that follow it.</param>
    /// <exception cref="QuiltException">InvalidArgument: what is wrong, and where.</exception>
    internal static Instruction Parse(LogicalLine line, Func<LogicalLine, IReadOnlyList<Heredoc>> heredocs)
    {
        int start = Skip(line.Text, 0, char.IsWhiteSpace);
        int end = Skip(line.Text, start, c => !char.IsWhiteSpace(c));
        string keyword = line.Text[start..end];
        if (!ByKeyword.TryGetValue(keyword, out Func<InstructionParser, Instruction>? parse))
        {
            string nearest = Spelling.Nearest(keyword, ByKeyword.Keys);
            throw line.Error(start, $"unknown instruction '{Text.Printable(keyword)}'", nearest.Length > 0
                ? $"did you mean {nearest}?"
                : $"an instruction is one of {string.Join(", ", ByKeyword.Keys)}; a line that goes on ends with {line.Escape}");
        }

        InstructionParser parser = new(line, keyword, Skip(line.Text, end, char.IsWhiteSpace), heredocs);
        return parse(parser);
    }

    private static int Skip(string text, int from, Func<char, bool> which)
    {
        while (from < text.Length && which(text[from]))
        {
            from++;
        }

        return from;
    }

    private Flags ReadFlags(params ReadOnlySpan<string> known) => _flags = Flags.Read(_line, ref _at, _origin.Keyword.ToUpperInvariant(), known);

    private QuiltException Missing(string what) => _line.Error(_line.Text.TrimEnd().Length, $"{_origin.Keyword.ToUpperInvariant()} has to be followed by {what}", "see docs/build.md for what it takes");

    private List<RawWord> Needs(List<RawWord> words, string what) => words.Count > 0 ? words : throw Missing(what);

    /// <summary>All that is left, as one word.</summary>
    private RawWord One(string what)
    {
        NoFlags();
        return Rest.Length > 0 ? new RawWord(Rest, _at) : throw Missing(what);
    }

    private void NoFlags()
    {
        if (_flags is null)
        {
            ReadFlags();
        }
    }

    /// <summary>Words parted by spaces, quotes or not.</summary>
    private List<RawWord> Words()
    {
        NoFlags();
        List<RawWord> words = [];
        for (int at = Skip(_line.Text, _at, char.IsWhiteSpace); at < _line.Text.Length; at = Skip(_line.Text, at, char.IsWhiteSpace))
        {
            int end = Skip(_line.Text, at, c => !char.IsWhiteSpace(c));
            words.Add(new RawWord(_line.Text[at..end], at));
            at = end;
        }

        return words;
    }

    /// <summary>A JSON list of words, or words parted by spaces.</summary>
    private List<RawWord> ListOrWords()
    {
        NoFlags();
        return ExecForm.TryRead(Rest) is { } list ? [.. list.Select(w => new RawWord(w, _at))] : Words();
    }

    private CommandLine CommandLine()
    {
        NoFlags();
        return ExecForm.TryRead(Rest) is { } list
            ? new CommandLine(true, list)
            : new CommandLine(false, Rest.Length > 0 ? [Rest] : throw Missing("a command"));
    }

    private Instruction.Shell Shell()
    {
        NoFlags();
        return ExecForm.TryRead(Rest) is { Count: > 0 } list
            ? new Instruction.Shell(_origin, list)
            : throw _line.Error(_at, "SHELL takes a JSON list", "write it as SHELL [\"/bin/sh\", \"-c\"]");
    }

    private Instruction.Volume Volume()
    {
        List<RawWord> paths = Needs(ListOrWords(), "a path");
        return paths.All(p => p.Text.Trim().Length > 0)
            ? new Instruction.Volume(_origin, paths)
            : throw _line.Error(_at, "a volume's path is empty", "give absolute paths");
    }

    private Instruction.OnBuild OnBuild()
    {
        RawWord trigger = One("an instruction");
        string keyword = trigger.Text.Split((char[]?)null, 2)[0].ToUpperInvariant();
        if (keyword is "ONBUILD" or "FROM" or "MAINTAINER")
        {
            throw _line.Error(trigger.Offset, $"{keyword} cannot be a trigger", "ONBUILD takes any instruction but ONBUILD, FROM and MAINTAINER");
        }

        // What is wrong with it is told now, at its place, and not in a build of somebody else's.
        LogicalLine inner = _line.From(trigger.Offset);
        string heredocs = "";
        Parse(inner, line =>
        {
            IReadOnlyList<Heredoc> read = _heredocs(line);
            heredocs = string.Concat(read.Select(h => $"\n{h.Content}{h.Name}"));
            return read;
        });
        return new Instruction.OnBuild(_origin, trigger.Text + heredocs);
    }
}
