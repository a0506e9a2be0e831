using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record InspectSnapshotResult
{
    public required SnapshotView Snapshot { get; init; }

    [Description("What it stands on, nearest first.")]
    public required IReadOnlyList<LineageView> Lineage { get; init; }

    [Description("The containers that stand on it, by id, as far as you may know of them.")]
    public required IReadOnlyList<string> Containers { get; init; }

    [Description("The snapshots that stand on it, by id.")]
    public required IReadOnlyList<string> Children { get; init; }

    [Description("What is made of it runs this; empty where that is the image's.")]
    public required IReadOnlyList<string> Command { get; init; }
}

/// <summary>A snapshot that something stands on.</summary>
public sealed record LineageView
{
    [Description("Its id.")]
    public required string Snapshot { get; init; }

    [Description("Left out where it has none.")]
    public string? Name { get; init; }

    [Description("The container's id that it was taken of; it may be gone.")]
    public required string Container { get; init; }
    public required string ContainerName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal static IReadOnlyList<LineageView> Of(IEnumerable<SnapshotRecord> lineage) =>
    [
        .. lineage.Select(s => new LineageView { Snapshot = s.Id, Name = s.Name?.Value, Container = s.Container.Value, ContainerName = s.ContainerName.Value, CreatedAt = s.CreatedAt }),
    ];
}

/// <summary>See <see cref="ContainerEngine.FindSnapshot"/>.</summary>
public sealed class InspectSnapshotTool(ContainerEngine engine) : Tool<SnapshotArguments, InspectSnapshotResult>
{
    public override ToolDefinition Definition { get; } = new("inspectSnapshot")
    {
        Title = "Inspect a snapshot",
        Description = "Everything of one snapshot: of which container it was taken and when, what it stands on, and what stands on it.",
        Example = """{"snapshot": "before-upgrade"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<InspectSnapshotResult> RunAsync(SnapshotArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        SnapshotRecord record = context.Caller.Snapshot(arguments.Snapshot);
        return Task.FromResult(new InspectSnapshotResult
        {
            Snapshot = SnapshotView.Of(record),
            Lineage = LineageView.Of(engine.LineageOf(record.Id).Skip(1)),
            Containers = [.. engine.ContainersOn(record.Id).Where(context.Caller.MayUse).Select(c => c.Id.Value)],
            Children = [.. engine.Snapshots().Where(s => s.Parent == record.Id && context.Caller.Has(s.Agent)).Select(s => s.Id)],
            Command = record.Spec.Command,
        });
    }
}
