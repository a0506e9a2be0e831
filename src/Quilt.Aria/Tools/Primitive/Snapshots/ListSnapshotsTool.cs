using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ListSnapshotsArguments
{
    [Description("Of this container alone: its name or id.")]
    public string? Container { get; init; }

    [Description("Those without a name too, which are there for what stands on them.")]
    [DefaultValue(false)]
    public bool All { get; init; }
}

public sealed record ListSnapshotsResult
{
    [Description("Oldest first.")]
    public required IReadOnlyList<SnapshotView> Snapshots { get; init; }
}

/// <summary>See <see cref="ContainerEngine.Snapshots"/>.</summary>
public sealed class ListSnapshotsTool(ContainerEngine engine) : Tool<ListSnapshotsArguments, ListSnapshotsResult>
{
    public override ToolDefinition Definition { get; } = new("listSnapshots")
    {
        Title = "List snapshots",
        Description = "Your snapshots, and those of agents you delegated to, oldest first, also of containers that are gone.",
        Example = """{"container": "dev"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListSnapshotsResult> RunAsync(ListSnapshotsArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        bool IsMeant(SnapshotRecord s) => arguments.Container is not { Length: > 0 } key || s.Container.Value == key || s.ContainerName.Value == key;
        return Task.FromResult(new ListSnapshotsResult
        {
            Snapshots = [.. engine.Snapshots().Where(s => context.Caller.Has(s.Agent) && (arguments.All || s.Name is not null) && IsMeant(s)).Select(SnapshotView.Of)],
        });
    }
}
