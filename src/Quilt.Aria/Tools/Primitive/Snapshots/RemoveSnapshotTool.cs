using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record RemoveSnapshotResult
{
    public required string Id { get; init; }

    [Description("Its files are gone, or go now. False: something stands on it, and they go with the last of that.")]
    public required bool Deleted { get; init; }

    [Description("The containers that stand on it, by name, as far as you may know of them.")]
    public required IReadOnlyList<string> KeptFor { get; init; }
}

/// <summary>See <see cref="ContainerEngine.RemoveSnapshot"/>.</summary>
public sealed class RemoveSnapshotTool(ContainerEngine engine) : Tool<SnapshotArguments, RemoveSnapshotResult>
{
    public override ToolDefinition Definition { get; } = new("removeSnapshot")
    {
        Title = "Remove a snapshot",
        Description = "Takes a snapshot away. Containers and snapshots that stand on it keep what they need of it; its space is free with the last of them.",
        Example = """{"snapshot": "before-upgrade"}""",
        Destructive = true,
    };

    protected override Task<RemoveSnapshotResult> RunAsync(SnapshotArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        SnapshotRecord record = context.Caller.Snapshot(arguments.Snapshot);
        bool deleted = engine.RemoveSnapshot(record.Id);
        return Task.FromResult(new RemoveSnapshotResult
        {
            Id = record.Id,
            Deleted = deleted,
            KeptFor = [.. engine.ContainersOn(record.Id).Where(context.Caller.MayUse).Select(c => c.Name.Value)],
        });
    }
}
