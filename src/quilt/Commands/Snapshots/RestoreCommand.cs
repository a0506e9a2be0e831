using System.CommandLine;

namespace Quilt.Cli;

internal sealed class RestoreCommand : ToolCommand
{
    private readonly Argument<string> _container, _snapshot;
    private readonly Option<bool> _force;

    internal RestoreCommand()
        : base("restore", "Give a container the files of a snapshot again")
    {
        _container = Word("CONTAINER");
        _snapshot = Word("SNAPSHOT");
        _force = Flag("Also where it runs: it is stopped, and started again with the snapshot's files", "--force", "-f");
    }

    internal override string Usage => "[-f] CONTAINER SNAPSHOT";

    internal override string Details => "What it has written since is gone for good. Its image's volumes go back too; volumes with names and other mounts stay as they are.";

    internal override IReadOnlyList<Example> Examples => [new("quilt restore -f dev before-upgrade", "Back to what 'quilt snapshot dev before-upgrade' kept")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "restoreContainer";

    internal override ToolArguments ArgumentsOf(Invocation call) =>
        new ToolArguments().Add("container", call.Get(_container)).Add("snapshot", call.Get(_snapshot)).Add("force", call.Get(_force), unless: false);

    protected override IEnumerable<string> Remarks(ToolAnswer answer) =>
        answer["snapshot"]["container"] is { IsThere: true } of && of.Text != answer["container"]["id"].Text
            ? [$"the snapshot is of another container, {answer["snapshot"]["containerName"].Text}: {answer["container"]["name"].Text} has that one's files now"]
            : [];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) =>
        to.WriteLine($"{answer["container"]["name"].Text} is {answer["container"]["state"].Text}, with the files of {SnapshotRows.Name(answer["snapshot"])}");
}
