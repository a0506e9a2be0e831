namespace Quilt.Cli;

internal sealed class SnapshotRemoveCommand : ToolOnEachCommand
{
    internal SnapshotRemoveCommand()
        : base("snapshot rm", "Remove snapshots", "SNAPSHOT")
    {
    }

    internal override string Usage => "SNAPSHOT…";

    internal override string Details => "What stands on one keeps what it needs; its space is free with the last of that.";

    internal override IReadOnlyList<Example> Examples => [new("quilt snapshot rm before-upgrade after-upgrade", "By their names or ids")];

    protected override string Tool => "removeSnapshot";

    protected override ToolArguments ArgumentsOf(Invocation call, string thing) => new ToolArguments().Add("snapshot", thing);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["id"].Text);

    protected override IEnumerable<string> Remarks(ToolAnswer answer) =>
        answer["keptFor"].Items.Any() ? [$"its files are kept for {answer["keptFor"].Text}"] : [];
}
