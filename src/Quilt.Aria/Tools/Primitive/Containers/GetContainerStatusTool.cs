using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ContainerStatus
{
    public required ContainerView Container { get; init; }
    public required string ImageDigest { get; init; }

    [Description("The snapshots that its files stand on, nearest first, with the containers that they were taken of.")]
    public required IReadOnlyList<LineageView> Lineage { get; init; }

    [Description("What it runs; empty where it idles.")]
    public required IReadOnlyList<string> Command { get; init; }
    public required string WorkingDir { get; init; }
    public required string User { get; init; }
    public required string Hostname { get; init; }

    [Description("Names of its environment variables; their values are not told.")]
    public required IReadOnlyList<string> EnvNames { get; init; }
    public int? Pid { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? ExitedAt { get; init; }

    [Description("What ended it; left out where it ended by itself.")]
    public string? ExitSignal { get; init; }
    public bool? OomKilled { get; init; }

    [Description("Why no more is known of its end: shim_lost or host_restarted.")]
    public string? ExitReason { get; init; }
    public required int RestartCount { get; init; }

    [Description("What it may use at most (setResourceLimits).")]
    public required LimitsView Limits { get; init; }

    [Description("Bytes, for what it writes and its image's volumes; 0 is no limit of its own.")]
    public required long DiskLimit { get; init; }

    [Description("Left out where it has no health check.")]
    public HealthView? Health { get; init; }

    [Description("What is mounted in it beside its root.")]
    public required IReadOnlyList<MountView> Mounts { get; init; }

    [Description("What its image says that it listens on; nothing is opened by it.")]
    public required IReadOnlyList<string> ExposedPorts { get; init; }
    public required bool ReadOnlyRootfs { get; init; }
    public required IReadOnlyList<string> Capabilities { get; init; }
    public required string StopSignal { get; init; }
    public required TimeSpan StopTimeout { get; init; }
    public required int StopOrder { get; init; }

    [Description("Ids of agents that may use it too.")]
    public required IReadOnlyList<string> SharedWith { get; init; }

    [Description("The last that happened to it, oldest first.")]
    public required IReadOnlyList<EventView> LastEvents { get; init; }
}

/// <summary>See <see cref="ContainerEngine.GetCurrentAsync"/>.</summary>
public sealed class GetContainerStatusTool(ContainerEngine engine) : Tool<ContainerArguments, ContainerStatus>
{
    private const int EventsTold = 10;

    public override ToolDefinition Definition { get; } = new("getContainerStatus")
    {
        Title = "Get a container's status",
        Description = "Everything of one container: state with its times, health with the last probes, exit, limits, owner, and the last events. The kernel is asked too: what is told as running does run.",
        Example = """{"container": "web"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<ContainerStatus> RunAsync(ContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerRecord record = await engine.GetCurrentAsync(context.Caller.Container(arguments.Container, Access.Use).Id, cancellation).ConfigureAwait(false);
        ContainerExit? exit = ContainerView.ExitOf(record);
        ContainerState.Running? running = record.State as ContainerState.Running;
        return new ContainerStatus
        {
            Container = ContainerView.Of(record),
            ImageDigest = record.ImageDigest.ToString(),
            Lineage = LineageView.Of(engine.LineageOf(record.Snapshot)),
            Command = record.Command,
            WorkingDir = record.WorkingDirectory,
            User = record.Spec.User,
            Hostname = record.Spec.Hostname ?? record.Id.Short,
            EnvNames = [.. record.Environment.Keys],
            Pid = running?.Process.Pid,
            StartedAt = running?.StartedAt ?? (record.State as ContainerState.Exited)?.StartedAt,
            ExitedAt = exit?.At,
            ExitSignal = exit is { Signal: > 0 } ended ? Linux.Signals.NameOf(ended.Signal) : null,
            OomKilled = exit?.OomKilled,
            ExitReason = exit is { Reason.Length: > 0 } ? exit.Reason : null,
            RestartCount = record.RestartCount,
            Limits = LimitsView.Of(record.Spec),
            DiskLimit = record.Spec.Limits.DiskBytes,
            Health = HealthView.Of(record),
            Mounts = MountView.Of(record, engine),
            ExposedPorts = record.ExposedPorts,
            ReadOnlyRootfs = record.Spec.ReadOnlyRootfs,
            Capabilities = record.Spec.Capabilities,
            StopSignal = Linux.Signals.NameOf(record.StopSignal),
            StopTimeout = record.Spec.StopTimeout,
            StopOrder = record.Spec.StopOrder,
            SharedWith = record.Owner.SharedWith,
            LastEvents = [.. engine.LastEvents(record.Id, EventsTold).Select(EventView.Of)],
        };
    }
}
