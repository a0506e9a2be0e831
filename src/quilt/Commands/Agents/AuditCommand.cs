using System.CommandLine;
using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class AuditCommand : ToolCommand
{
    private readonly Option<string?> _agent, _toolName, _outcome, _limit, _since;
    private readonly Option<bool> _noWatching;

    internal AuditCommand()
        : base("audit", "Show who called which tool, and what came of it")
    {
        _agent = Value("AGENT", "Of one agent alone", "--agent");
        _toolName = Value("NAME", "Of one tool alone", "--tool");
        _outcome = Value("OUTCOME", "allowed, denied or failed alone", "--outcome");
        _noWatching = Flag("Without what the operator, and whoever is at a dashboard, only looked at", "--no-watching");
        _limit = Value("N", "At most so many entries", "--limit", "-n");
        _since = Value("CURSOR", "After the entry that had this cursor", "--since");
    }

    internal override string Usage => "[--agent AGENT] [--tool NAME] [--outcome OUTCOME] [--no-watching] [--limit N] [--since CURSOR]";

    internal override string Details => "With --json, the arguments too, and a cursor to go on from.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt audit --outcome denied", "What agents tried and may not"),
        new("quilt audit --agent helper --since 120 --json", "For a program: what it did since entry 120"),
    ];

    protected override string Tool => "getAudit";

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        if (call.Get(_outcome) is { } outcome and not ("allowed" or "denied" or "failed"))
        {
            throw QuiltException.Invalid("--outcome", $"there is no outcome '{outcome}'", "use allowed, denied or failed");
        }

        return new ToolArguments()
            .Add("cursor", ReadCursor(call.Get(_since)))
            .Add("agent", call.Get(_agent))
            .Add("tool", call.Get(_toolName))
            .Add("outcome", call.Get(_outcome))
            .Add("watching", !call.Get(_noWatching), unless: true)
            .Add("limit", ReadLimit(call.Get(_limit)));
    }

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        const int outcomeColumn = 6;
        TextTable table = new("CURSOR", "WHEN", "AGENT", "SESSION", "FACE", "TOOL", "OUTCOME", "CODE", "MS", "RULE");
        foreach (ToolAnswer entry in answer["entries"].Items)
        {
            table.Add(
                entry["cursor"].Text, entry["time"].When(now), entry["agent"].Text, entry["session"].Text, entry["face"].Text, entry["tool"].Text,
                entry["outcome"].Text, entry["code"].Text, entry["durationMs"].Text, entry["rule"].Text);
        }

        table.Write(to, style, (column, text) => column == outcomeColumn ? Paint(style, text) : text);
    }

    private static string Paint(Style style, string outcome) => outcome switch
    {
        "allowed" => style.Good(outcome),
        "denied" => style.Bad(outcome),
        _ => style.Warning(outcome),
    };

    private static long? ReadCursor(string? text) => text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long cursor)
            ? cursor
            : throw QuiltException.Invalid("--since", $"--since '{text}' is not an entry's cursor", "give the number in the entry's first column");

    private static long? ReadLimit(string? text) => text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) && limit > 0
            ? limit
            : throw QuiltException.Invalid("--limit", $"--limit '{text}' is not a number of entries", "give a number above 0");
}
