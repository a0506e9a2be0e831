using System.CommandLine;

namespace Quilt.Cli;

internal sealed class SnapshotListCommand : ToolCommand
{
    private readonly Option<bool> _all;
    private readonly Option<string?> _container;

    internal SnapshotListCommand()
        : base("snapshot ls", "List snapshots", "Print ids alone")
    {
        _all = Flag("Those without a name too, which are there for what stands on them", "--all", "-a");
        _container = Value("CONTAINER", "Of this container alone", "--container");
    }

    internal override string Usage => "[-a] [--container CONTAINER] [-q]";

    internal override IReadOnlyList<Example> Examples => [new("quilt snapshot ls --container dev", "Also where dev itself is gone")];

    protected override string Tool => "listSnapshots";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("container", call.Get(_container)).Add("all", call.Get(_all), unless: false);

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["snapshots"].Items.Select(s => s["id"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("ID", "NAME", "CONTAINER", "PARENT", "IMAGE", "CREATED", "SIZE");
        foreach (ToolAnswer snapshot in answer["snapshots"].Items)
        {
            table.Add(
                SnapshotRows.Id(snapshot), snapshot["name"].Text, snapshot["containerName"].Text, SnapshotRows.Short(snapshot["parent"]), snapshot["image"].Text,
                snapshot["createdAt"].When(now), ImageRows.Size(snapshot["size"]));
        }

        table.Write(to, style);
    }
}
