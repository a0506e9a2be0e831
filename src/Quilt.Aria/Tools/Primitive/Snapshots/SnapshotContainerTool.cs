using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record SnapshotContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("Your name for the snapshot: 1 to 63 letters, digits, '.', '_' or '-'.")]
    [StringLength(63)]
    public required string Name { get; init; }

    [Description(ProcessMemory.Description)]
    [DefaultValue(false)]
    public bool Memory { get; init; }
}

public sealed record SnapshotContainerResult
{
    public required SnapshotView Snapshot { get; init; }

    [Description("Milliseconds for which the container stood still.")]
    public required double StillMs { get; init; }
}

/// <summary>See <see cref="ContainerEngine.SnapshotAsync"/>.</summary>
public sealed class SnapshotContainerTool(Workloads workloads) : Tool<SnapshotContainerArguments, SnapshotContainerResult>
{
    public override ToolDefinition Definition { get; } = new("snapshotContainer")
    {
        Title = "Take a snapshot of a container",
        Description = "Keeps a container's files as they are at this moment, to go back to (restoreContainer) or to make others of (forkContainer). It runs on: it stands still for as long as what it has changed takes to copy, a few milliseconds for a few hundred files, however large its image is. Its image's volumes (VOLUME) are in it, copied whole. Processes and their memory, volumes with names and other mounts are not. It stays until you remove it, also when the container is gone.",
        Example = """{"container": "dev", "name": "before-upgrade"}""",
    };

    protected override async Task<SnapshotContainerResult> RunAsync(SnapshotContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ProcessMemory.Refuse(arguments.Memory);
        ContainerName name = ContainerName.Parse(arguments.Name);
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        (SnapshotRecord made, TimeSpan still) = await workloads.SnapshotAsync(record, name, cancellation).ConfigureAwait(false);
        return new SnapshotContainerResult { Snapshot = SnapshotView.Of(made), StillMs = Math.Round(still.TotalMilliseconds, 3) };
    }
}
