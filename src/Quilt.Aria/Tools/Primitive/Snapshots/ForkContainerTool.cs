using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ForkContainerArguments
{
    /// <summary>At once.</summary>
    internal const int Most = 64;

    [Description("The container to fork: its name, id, or an unambiguous beginning of the id. Give it or snapshot.")]
    public string? Container { get; init; }

    [Description("The snapshot to fork, by its name, id, or an unambiguous beginning of the id. Give it or container.")]
    public string? Snapshot { get; init; }

    [Description("The forks are named NAME-1, NAME-2 and so on; a single one is named NAME. Left out: the source's name and numbers that are free.")]
    [StringLength(63)]
    public string? Name { get; init; }

    [Description("How many: all are made, or none.")]
    [Range(1, Most)]
    [DefaultValue(1)]
    public int? Count { get; init; }

    [Description("Start them at once; their command begins anew. Left out: as the source container is, running or not; those of a snapshot are started.")]
    public bool? Start { get; init; }

    [Description("Have them in the networks that the source container is in. Connections and published ports are never copied.")]
    [DefaultValue(false)]
    public bool CopyNetworks { get; init; }

    [Description(ProcessMemory.Description)]
    [DefaultValue(false)]
    public bool Memory { get; init; }

    [Description("How long they are meant to live, as for createContainer.")]
    [DefaultValue("session")]
    public ContainerStrategy Strategy { get; set; } = ContainerStrategy.Session;

    [Description("They are removed by force that long after: seconds, or a text such as \"1h30m\".")]
    public TimeSpan? Ttl { get; init; }

    [Description("The task of strategy task (beginTask): its id or name.")]
    public string? TaskId { get; init; }
}

public sealed record ForkContainerResult
{
    [Description("In the order of their names.")]
    public required IReadOnlyList<ContainerView> Containers { get; init; }

    [Description("What all of them stand on; it goes with the last of them.")]
    public required SnapshotView Snapshot { get; init; }

    [Description("Milliseconds for which the source stood still; left out where it was a snapshot.")]
    public double? StillMs { get; init; }

    [Description("What the source has and they have not, and what was done otherwise than it might have been expected.")]
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>See <see cref="Workloads.ForkAsync"/>.</summary>
public sealed class ForkContainerTool(Workloads workloads) : Tool<ForkContainerArguments, ForkContainerResult>
{
    public override ToolDefinition Definition { get; } = new("forkContainer")
    {
        Title = "Fork a container",
        Description = "Makes one or many containers whose files are those of another, or of a snapshot, as they are at this moment: to try several ways at once, or to hand on a prepared workspace. Each goes its own way from there; what the source has changed is stored once for all of them. The source runs on, and stands still for a few milliseconds. They are as it: command, environment, labels, limits, mounts; with ids, names and host names of their own, in no network unless you ask. Each has its own copy of the image's volumes (VOLUME), such as a database's data; volumes with names are the same in all of them. Processes and their memory are not copied: the command begins anew. Each counts against your limits as one that you create.",
        Example = """{"container": "dev", "name": "try", "count": 3}""",
    };

    protected override async Task<ForkContainerResult> RunAsync(ForkContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ProcessMemory.Refuse(arguments.Memory);
        (Fork fork, IReadOnlyList<string> warnings) = await workloads.ForkAsync(context.Caller, arguments, cancellation).ConfigureAwait(false);
        return new ForkContainerResult
        {
            Containers = [.. fork.Containers.Select(ContainerView.Of)],
            Snapshot = SnapshotView.Of(fork.Snapshot),
            StillMs = fork.Still is { } still ? Math.Round(still.TotalMilliseconds, 3) : null,
            Warnings = warnings,
        };
    }
}
