using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record RestoreContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("The snapshot's name, id, or an unambiguous beginning of the id; of this container, or of another with the same image.")]
    public required string Snapshot { get; init; }

    [Description("Also where it runs: it is stopped, and started again with the snapshot's files.")]
    [DefaultValue(false)]
    public bool Force { get; init; }
}

public sealed record RestoreContainerResult
{
    public required ContainerView Container { get; init; }
    public required SnapshotView Snapshot { get; init; }
}

/// <summary>See <see cref="ContainerEngine.RestoreAsync"/>.</summary>
public sealed class RestoreContainerTool(ContainerEngine engine) : Tool<RestoreContainerArguments, RestoreContainerResult>
{
    public override ToolDefinition Definition { get; } = new("restoreContainer")
    {
        Title = "Restore a container",
        Description = "Gives a container the files of a snapshot again. What it has written since is gone for good: take a snapshot before, if you may want it. Volumes with names, other mounts, connections and limits stay as they are. Takes milliseconds, however much there is; its image's volumes (VOLUME) alone are copied.",
        Example = """{"container": "dev", "snapshot": "before-upgrade", "force": true}""",
        Destructive = true,
        Idempotent = true,
    };

    protected override async Task<RestoreContainerResult> RunAsync(RestoreContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        SnapshotRecord snapshot = context.Caller.Snapshot(arguments.Snapshot);
        ContainerRecord restored = await engine.RestoreAsync(record.Id, snapshot.Id, arguments.Force, cancellation).ConfigureAwait(false);
        return new RestoreContainerResult { Container = ContainerView.Of(restored), Snapshot = SnapshotView.Of(snapshot) };
    }
}
