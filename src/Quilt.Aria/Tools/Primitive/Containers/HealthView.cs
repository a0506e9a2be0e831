using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>A container's health check, and what its probes have found in this run.</summary>
public sealed record HealthView
{
    [Description("starting, healthy or unhealthy; left out while it does not run.")]
    public string? Status { get; init; }

    [Description("Failures since the last success.")]
    public int? FailingStreak { get; init; }

    [Description("What it is probed with.")]
    public required IReadOnlyList<string> Command { get; init; }
    public required TimeSpan Interval { get; init; }
    public required TimeSpan Timeout { get; init; }
    public required TimeSpan StartPeriod { get; init; }
    public required TimeSpan StartInterval { get; init; }
    public required int Retries { get; init; }

    [Description("The last five, oldest first.")]
    public required IReadOnlyList<HealthProbeView> Probes { get; init; }

    /// <returns>Null where it has no health check.</returns>
    internal static HealthView? Of(ContainerRecord record)
    {
        if (record.HealthCheck is not { } check)
        {
            return null;
        }

        Health? health = (record.State as ContainerState.Running)?.Health;
        return new HealthView
        {
            Status = health?.Name,
            FailingStreak = health?.FailingStreak,
            Command = check.Command,
            Interval = check.Interval,
            Timeout = check.Timeout,
            StartPeriod = check.StartPeriod,
            StartInterval = check.StartInterval,
            Retries = check.Retries,
            Probes = [.. (health?.Probes ?? []).Select(HealthProbeView.Of)],
        };
    }
}

public sealed record HealthProbeView
{
    public required DateTimeOffset StartedAt { get; init; }
    public required TimeSpan Duration { get; init; }

    [Description("126 and 127 as a shell has them; -1: it could not be run to its end.")]
    public required int ExitCode { get; init; }
    public bool? TimedOut { get; init; }

    [Description("Head and tail of what it wrote, 4 KiB at most.")]
    public required string Output { get; init; }

    internal static HealthProbeView Of(HealthProbe probe) => new()
    {
        StartedAt = probe.StartedAt,
        Duration = probe.EndedAt - probe.StartedAt,
        ExitCode = probe.ExitCode,
        TimedOut = probe.TimedOut ? true : null,
        Output = probe.Output,
    };
}
