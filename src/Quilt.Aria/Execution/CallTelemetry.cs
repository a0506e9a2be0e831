using System.Diagnostics;
using System.Diagnostics.Metrics;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>What is told of each call: a span, and how long it took by tool, face and outcome.</summary>
internal static class CallTelemetry
{
    private static readonly Histogram<double> Duration = Telemetry.Meter.CreateHistogram(
        "quilt.call.duration", "s", "How long calls of tools took, with all that they waited for.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60] });

    /// <returns>Null: nobody listens.</returns>
    internal static Activity? Begin(Call call, ToolDefinition tool)
    {
        if (!Telemetry.Source.HasListeners())
        {
            return null;
        }

        // Without a trace of the caller's own, or with one that cannot be read, it begins one: not below the web server's, which nobody records.
        if (!ActivityContext.TryParse(call.TraceParent, null, isRemote: true, out ActivityContext parent))
        {
            Activity.Current = null;
        }

        return Telemetry.Source.StartActivity(NameOf(tool), ActivityKind.Server, parent)?.SetTag("quilt.face", call.Face);
    }

    internal static void End(Activity? span, Call call, ToolDefinition tool, Caller? caller, string outcome, string code, TimeSpan took)
    {
        Duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("tool", NameOf(tool)), new("face", call.Face), new("outcome", outcome));
        span?.SetTag("quilt.agent", caller?.Agent.Path).SetTag("quilt.outcome", outcome);
        if (code.Length > 0)
        {
            span?.SetFailure(code);
        }
    }

    /// <summary>Callers may make up names without end: each would be a series of its own for as long as the daemon runs.</summary>
    private static string NameOf(ToolDefinition tool) => tool.IsUnknown ? "unknown" : tool.Name;
}
