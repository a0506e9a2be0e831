namespace Quilt.Engine;

/// <summary>How it is found out whether a container does what it is there for: a command in it, again and again while it runs.</summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#healthcheck"/>
public sealed record HealthCheck
{
    /// <summary>Program and arguments; 0 is its exit code where all is well.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>From the end of one probe, or the container's start, to the next one's beginning.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A probe is killed after so long, and has failed.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>From the container's start: until a probe has succeeded, those that begin in it and fail do not count.</summary>
    public TimeSpan StartPeriod { get; set; }

    /// <summary>In place of <see cref="Interval"/> in the start period.</summary>
    public TimeSpan StartInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>So many failures, one upon the other, are what is unhealthy.</summary>
    public int Retries { get; set; } = 3;
}
