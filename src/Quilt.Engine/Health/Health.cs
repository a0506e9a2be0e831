using Quilt.Core;

namespace Quilt.Engine;

public enum HealthStatus
{
    /// <summary>No probe has decided yet.</summary>
    Starting,
    Healthy,
    Unhealthy,
}

/// <summary>How a running container is, by its probes. Of this run and this daemon: the next one begins anew.</summary>
public sealed record Health
{
    private const int Kept = 5;

    /// <summary>Before the first probe.</summary>
    internal static readonly Health Unknown = new();

    public HealthStatus Status { get; private init; } = HealthStatus.Starting;

    /// <summary>As people and other programs know it.</summary>
    public string Name => Status.ToString().ToLowerInvariant();

    /// <summary>Failures since the last success, as far as they count.</summary>
    public int FailingStreak { get; private init; }

    /// <summary>The last five, oldest first.</summary>
    public IReadOnlyList<HealthProbe> Probes { get; private init; } = [];

    /// <summary>After another probe.</summary>
    /// <param name="startedAt">The container.</param>
    internal Health With(HealthProbe probe, HealthCheck check, DateTimeOffset startedAt)
    {
        // What has been well once has started, however short that took.
        bool counts = !probe.Succeeded && (Status != HealthStatus.Starting || probe.StartedAt >= startedAt + check.StartPeriod);
        int streak = probe.Succeeded ? 0 : FailingStreak + (counts ? 1 : 0);
        return new Health
        {
            Status = probe.Succeeded ? HealthStatus.Healthy : streak >= check.Retries ? HealthStatus.Unhealthy : Status,
            FailingStreak = streak,
            Probes = [.. Probes.TakeLast(Kept - 1), probe],
        };
    }

    /// <summary>How long after this the next probe begins.</summary>
    internal TimeSpan Pause(HealthCheck check, DateTimeOffset startedAt, DateTimeOffset now) =>
        Status == HealthStatus.Starting && now < startedAt + check.StartPeriod ? check.StartInterval : check.Interval;
}

/// <summary>One probe's end.</summary>
/// <param name="ExitCode">Of its command; 126 and 127 as a shell has them, and -1 where it could not be run to its end.</param>
/// <param name="Output">Both of its streams as they came, their head and tail.</param>
public sealed record HealthProbe(DateTimeOffset StartedAt, DateTimeOffset EndedAt, int ExitCode, bool TimedOut, string Output)
{
    public bool Succeeded => ExitCode == 0 && !TimedOut;

    /// <summary>For a person, after "its last probe".</summary>
    internal string Outcome => $"{(TimedOut ? "was not done in time" : $"ended with {ExitCode}")}{(Text.Printable(Output.Trim()) is { Length: > 0 } said ? $": {said}" : "")}";
}
