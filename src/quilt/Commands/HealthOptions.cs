using System.CommandLine;
using System.Globalization;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>The options of run and create that say how a container's health is probed.</summary>
internal sealed class HealthOptions(CliCommand command)
{
    private readonly Option<string?> _test = command.Value("TEXT", "Probe its health with this text for its shell; exit code 0 is healthy", "--health-cmd");
    private readonly Option<string?> _interval = command.Value("DURATION", "Between two probes (default 30s)", "--health-interval");
    private readonly Option<string?> _timeout = command.Value("DURATION", "A probe that takes longer has failed (default 30s)", "--health-timeout");
    private readonly Option<string?> _retries = command.Value("N", "So many failures in a row are unhealthy (default 3)", "--health-retries");
    private readonly Option<string?> _startPeriod = command.Value("DURATION", "Failures do not count for so long after its start (default 0s)", "--health-start-period");
    private readonly Option<string?> _startInterval = command.Value("DURATION", "Between two probes in that time (default 5s)", "--health-start-interval");
    private readonly Option<bool> _none = command.Flag("Do not probe its health, whatever the image says", "--no-healthcheck");

    /// <returns>Null where none is given: the image's then.</returns>
    internal HealthCheck? Read(Invocation call)
    {
        HealthCheck asked = new()
        {
            Interval = Time(call, _interval),
            Timeout = Time(call, _timeout),
            StartPeriod = Time(call, _startPeriod),
            StartInterval = Time(call, _startInterval),
            Retries = call.Get(_retries) is { } retries ? ReadRetries(retries) : 0,
        };
        if (call.Get(_test) is { Length: > 0 } text)
        {
            asked.Test.AddRange(["CMD-SHELL", text]);
        }

        bool isGiven = !asked.Equals(new HealthCheck());
        if (!call.Get(_none))
        {
            return isGiven ? asked : null;
        }

        return isGiven
            ? throw QuiltException.Invalid("--no-healthcheck", "--no-healthcheck is given with options of a health check", "leave out either")
            : new HealthCheck { Test = { "NONE" } };
    }

    private static Google.Protobuf.WellKnownTypes.Duration? Time(Invocation call, Option<string?> option) => SpecOptions.ReadDuration(call.Get(option), option.Name);

    internal static int ReadRetries(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int retries) && retries > 0
            ? retries
            : throw QuiltException.Invalid("--health-retries", $"--health-retries '{text}' is not a number of failures", "give 1 or more");
}
