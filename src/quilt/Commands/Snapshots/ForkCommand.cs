using System.CommandLine;
using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class ForkCommand : ToolCommand
{
    private readonly Argument<string?> _container;
    private readonly Option<string?> _snapshot, _name, _count, _strategy, _task, _ttl;
    private readonly Option<bool> _networks, _noStart, _start;

    internal ForkCommand()
        : base("fork", "Make containers whose files are those of another as they are now", "Print ids alone")
    {
        _container = OptionalWord("CONTAINER");
        _snapshot = Value("SNAPSHOT", "Fork this snapshot instead of a container", "--snapshot");
        _name = Value("NAME", "Names NAME-1, NAME-2 and so on; NAME where it is one (else the source's name and numbers)", "--name");
        _count = Value("N", "How many, all or none (default 1)", "--count", "-n");
        _start = Flag("Start them, also where the source does not run", "--start");
        _noStart = Flag("Do not start them", "--no-start");
        _networks = Flag("Have them in the source's networks", "--copy-networks");
        _task = Value("TASK", "The task that they end with, by id or name", "--task");
        _strategy = Value("STRATEGY", "How long they live: ephemeral, task, session (default) or service", "--strategy");
        _ttl = Value("DURATION", "Remove them after that long", "--ttl");
    }

    internal override string Usage => "[--name NAME] [-n N] [--start | --no-start] [--copy-networks] [--strategy STRATEGY] [--task TASK] [--ttl DURATION] [-q] CONTAINER | --snapshot SNAPSHOT";

    internal override string Details => "The source runs on. What it has changed is stored once for all of them, and each goes its own way from there; their command begins anew. Connections and published ports are not copied.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt fork dev --count 8", "Eight copies, dev-1 to dev-8, that diverge from now on"),
        new("quilt fork --snapshot before-upgrade --name try", "One of a snapshot"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "forkContainer";

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        ToolArguments arguments = new ToolArguments()
            .Add("container", call.Get(_container)).Add("snapshot", call.Get(_snapshot)).Add("name", call.Get(_name)).Add("count", Count(call.Get(_count)))
            .Add("copyNetworks", call.Get(_networks), unless: false)
            .Add("strategy", call.Get(_strategy) ?? (call.Get(_task) is null ? null : "task")).Add("taskId", call.Get(_task)).Add("ttl", call.Get(_ttl));
        return (call.Get(_start), call.Get(_noStart)) switch
        {
            (true, true) => throw QuiltException.Invalid("--start", "--start and --no-start are given", "give one of the two"),
            (true, _) => arguments.Add("start", true, unless: false),
            (_, true) => arguments.Add("start", false, unless: true),
            _ => arguments,
        };
    }

    private static long? Count(string? text) => text is null ? null : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
        ? count
        : throw QuiltException.Invalid("--count", $"--count '{text}' is no number", "give how many, such as 8");

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["containers"].Items.Select(c => c["id"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("CONTAINER", "NAME", "STATUS");
        foreach (ToolAnswer container in answer["containers"].Items)
        {
            table.Add(SnapshotRows.Id(container), container["name"].Text, container["state"].Text);
        }

        table.Write(to, style);
    }

    protected override IEnumerable<string> Remarks(ToolAnswer answer) => answer["warnings"].Items.Select(w => w.Text);
}
