using System.CommandLine;

namespace Quilt.Cli;

internal sealed class SnapshotRemoveCommand : ToolCommand
{
    private readonly Argument<string> _snapshot;

    internal SnapshotRemoveCommand()
        : base("snapshot rm", "Remove a snapshot") => _snapshot = Word("SNAPSHOT");

    internal override string Usage => "SNAPSHOT";

    internal override string Details => "What stands on it keeps what it needs; its space is free with the last of that.";

    internal override IReadOnlyList<Example> Examples => [new("quilt snapshot rm before-upgrade", "By its name or id")];

    protected override string Tool => "removeSnapshot";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("snapshot", call.Get(_snapshot));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["id"].Text);

    protected override IEnumerable<string> Remarks(ToolAnswer answer) =>
        answer["keptFor"].Items.Any() ? [$"its files are kept for {answer["keptFor"].Text}"] : [];
}
