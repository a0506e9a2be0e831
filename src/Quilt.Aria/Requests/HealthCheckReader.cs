using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>Makes a valid declaration of a health check, or says what is wrong with it.</summary>
internal static class HealthCheckReader
{
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static HealthCheckSettings Read(HealthcheckArguments asked) => new()
    {
        Test = Test(asked.Test ?? []),
        Interval = Time("interval", asked.Interval, HealthCheckSettings.ShortestInterval),
        Timeout = Time("timeout", asked.Timeout, TimeSpan.FromMilliseconds(1)),
        StartPeriod = Time("startPeriod", asked.StartPeriod, TimeSpan.Zero),
        StartInterval = Time("startInterval", asked.StartInterval, HealthCheckSettings.ShortestInterval),
        Retries = asked.Retries is null or > 0
            ? asked.Retries
            : throw QuiltException.Invalid("healthcheck.retries", $"{asked.Retries} retries are no number of failures", "give 1 or more"),
    };

    private static IReadOnlyList<string> Test(IReadOnlyList<string> test) => test switch
    {
        [] or [HealthCheckSettings.None] => test,
        [HealthCheckSettings.Exec, _, ..] or [HealthCheckSettings.Shell, { Length: > 0 }] => [test[0], .. ProcessFields.Arguments("healthcheck.test", [.. test.Skip(1)])],
        _ => throw QuiltException.Invalid(
            "healthcheck.test", $"a test '{Text.Printable(string.Join(' ', test))}' is unknown", "give [\"CMD\", PROGRAM, ARGUMENT...], [\"CMD-SHELL\", TEXT] or [\"NONE\"]"),
    };

    private static TimeSpan? Time(string field, TimeSpan? time, TimeSpan least) => time is null || (time >= least && time <= HealthCheckSettings.Longest)
        ? time
        : throw QuiltException.Invalid(
            $"healthcheck.{field}", $"{field} {time.Value.TotalSeconds:0.###} s is out of bounds", $"give {DurationText.Format(least)} to {DurationText.Format(HealthCheckSettings.Longest)}");
}
