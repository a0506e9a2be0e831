using System.CommandLine;

namespace Quilt.Cli;

internal sealed class SnapshotCommand : ToolCommand
{
    private readonly Argument<string> _container, _name;

    internal SnapshotCommand()
        : base("snapshot", "Keep a container's files as they are now", "Print the id alone")
    {
        _container = Word("CONTAINER");
        _name = Word("NAME");
    }

    internal override string Usage => "[-q] CONTAINER NAME";

    internal override string Details => "It runs on. 'quilt restore' goes back to it, 'quilt fork' makes others of it. Its image's volumes are in it; what lies on volumes with names and other mounts is not.";

    internal override IReadOnlyList<Example> Examples => [new("quilt snapshot dev before-upgrade", "To go back to")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "snapshotContainer";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("container", call.Get(_container)).Add("name", call.Get(_name));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["snapshot"]["id"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) =>
        to.WriteLine($"{answer["snapshot"]["name"].Text}  {SnapshotRows.Id(answer["snapshot"])}  {ImageRows.Size(answer["snapshot"]["size"])}");
}
