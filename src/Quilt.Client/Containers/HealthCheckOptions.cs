using Google.Protobuf.WellKnownTypes;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>How a container's health is probed while it runs. What is not set is the image's or the daemon's default.</summary>
public sealed record HealthCheckOptions
{
    /// <summary>The container is not probed, whatever its image says.</summary>
    public static HealthCheckOptions None { get; } = new() { IsNone = true };

    /// <summary>A program and its arguments; its exit code 0 is healthy. Empty: the image's.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Between two probes.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>A probe that takes longer is killed, and has failed.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>After the container's start: failures do not count for so long, until a probe has succeeded.</summary>
    public TimeSpan? StartPeriod { get; init; }

    /// <summary>Between two probes in that time.</summary>
    public TimeSpan? StartInterval { get; init; }

    /// <summary>So many failures, one upon the other, are what is unhealthy.</summary>
    public int? Retries { get; init; }
    private bool IsNone { get; init; }

    internal Wire.HealthCheck ToWire() => new()
    {
        Test = { IsNone ? ["NONE"] : Command.Count > 0 ? ["CMD", .. Command] : (string[])[] },
        Interval = Interval?.ToDuration(),
        Timeout = Timeout?.ToDuration(),
        StartPeriod = StartPeriod?.ToDuration(),
        StartInterval = StartInterval?.ToDuration(),
        Retries = Retries ?? 0,
    };
}
