using Quilt.Images;

namespace Quilt.Engine;

/// <summary>A health check as an image or a caller declares it. What is left out is what the image says, or Docker's default.</summary>
public sealed record HealthCheckSettings
{
    public const string None = "NONE", Exec = "CMD", Shell = "CMD-SHELL";

    /// <summary>A probe is a process: more often than that would be all that the container does.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary><c>NONE</c>; <c>CMD</c>, a program and its arguments; or <c>CMD-SHELL</c> and a text for the shell. Empty: the image's.</summary>
    public IReadOnlyList<string> Test { get; set; } = [];
    public TimeSpan? Interval { get; init; }
    public TimeSpan? Timeout { get; init; }
    public TimeSpan? StartPeriod { get; init; }
    public TimeSpan? StartInterval { get; init; }
    public int? Retries { get; init; }

    /// <summary>What a container is probed with: what was asked for, and for the rest what its image says.</summary>
    /// <param name="asked">Its values are valid; the image's may be anything.</param>
    /// <returns>Null: it is not probed.</returns>
    internal static HealthCheck? Resolve(HealthCheckSettings? asked, ImageConfig config)
    {
        HealthCheckSettings? image = config.Healthcheck is { } declared ? Of(declared) : null;
        IReadOnlyList<string>? test = asked is { Test.Count: > 0 } ? asked.Test : image?.Test;
        IReadOnlyList<string>? command = test switch
        {
            [Exec, _, ..] => [.. test.Skip(1)],
            [Shell, var text] => [.. config.Shell.Count > 0 ? config.Shell : ["/bin/sh", "-c"], text],
            _ => null,
        };
        if (command is null)
        {
            return null;
        }

        HealthCheck usual = new() { Command = command };
        return usual with
        {
            Interval = Within(ShortestInterval, asked?.Interval ?? image?.Interval, usual.Interval),
            Timeout = Within(TimeSpan.FromMilliseconds(1), asked?.Timeout ?? image?.Timeout, usual.Timeout),
            StartPeriod = Within(TimeSpan.Zero, asked?.StartPeriod ?? image?.StartPeriod, usual.StartPeriod),
            StartInterval = Within(ShortestInterval, asked?.StartInterval ?? image?.StartInterval, usual.StartInterval),
            Retries = (asked?.Retries ?? image?.Retries) is { } retries and > 0 ? retries : usual.Retries,
        };
    }

    private static HealthCheckSettings Of(ImageHealthcheck declared) => new()
    {
        Test = declared.Test ?? [],
        Interval = Time(declared.IntervalNanoseconds),
        Timeout = Time(declared.TimeoutNanoseconds),
        StartPeriod = Time(declared.StartPeriodNanoseconds),
        StartInterval = Time(declared.StartIntervalNanoseconds),
        Retries = declared.Retries,
    };

    private static TimeSpan Time(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>Zero is the usual one, as in an image's configuration.</summary>
    private static TimeSpan Within(TimeSpan least, TimeSpan? wanted, TimeSpan usual) =>
        wanted is { } time && time > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Clamp(time.Ticks, least.Ticks, Longest.Ticks)) : usual;
}
