using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Quilt.Core;

/// <summary>What Quilt tells of its own work, to whoever listens in this process. Where nobody does, a span is null and costs nothing.</summary>
/// <seealso href="https://opentelemetry.io/docs/specs/otel/"/>
public static class Telemetry
{
    public const string Name = "Quilt";

    /// <summary>As a call carries the trace that it is part of: W3C Trace Context, also in the environment.</summary>
    public const string TraceHeader = "traceparent", TraceVariable = "TRACEPARENT";

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);

    /// <summary>What went wrong, on a span: the code alone, for a message may name what was asked for.</summary>
    public static void SetFailure(this Activity span, string code) => span.SetTag("error.type", code).SetStatus(ActivityStatusCode.Error);
}
