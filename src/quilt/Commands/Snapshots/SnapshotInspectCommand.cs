using System.CommandLine;

namespace Quilt.Cli;

internal sealed class SnapshotInspectCommand : ToolCommand
{
    private readonly Argument<string> _snapshot;

    internal SnapshotInspectCommand()
        : base("snapshot inspect", "Show a snapshot, what it stands on and what stands on it") => _snapshot = Word("SNAPSHOT");

    internal override string Usage => "SNAPSHOT";

    internal override IReadOnlyList<Example> Examples => [new("quilt snapshot inspect before-upgrade", "By its name or id")];

    protected override string Tool => "inspectSnapshot";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("snapshot", call.Get(_snapshot));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        ToolAnswer snapshot = answer["snapshot"];
        new FieldList()
            .Add("id", snapshot["id"].Text)
            .Add("name", snapshot["name"].Text)
            .Add("container", $"{snapshot["containerName"].Text} ({SnapshotRows.Short(snapshot["container"])})")
            .Add("image", snapshot["image"].Text)
            .Add("image digest", snapshot["imageDigest"].Text)
            .Add("size", ImageRows.Size(snapshot["size"]))
            .Add("created", snapshot["createdAt"].When(now))
            .Add("stands on", string.Join(", ", answer["lineage"].Items.Select(l => $"{(l["name"].IsThere ? l["name"].Text : SnapshotRows.Short(l["snapshot"]))} of {l["containerName"].Text}")))
            .Add("containers", string.Join(' ', answer["containers"].Items.Select(SnapshotRows.Short)))
            .Add("snapshots", string.Join(' ', answer["children"].Items.Select(SnapshotRows.Short)))
            .Write(to, style);
    }
}
