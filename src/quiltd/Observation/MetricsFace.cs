using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>What Prometheus reads, at /metrics: for the operator, and agents whose grant has the scope <c>host</c>.</summary>
internal static class MetricsFace
{
    internal const string Path = "/metrics";

    /// <summary>As the grants and the audit know it.</summary>
    private static readonly ToolDefinition Reading = new("readMetrics")
    {
        Title = "Read the metrics",
        Description = "Counts and usage of all of the host's containers, images and calls, as Prometheus reads them.",
        Scope = ToolScope.Host,
        Level = SecurityLevel.Safe,
    };

    internal static MeterProvider Provide() => Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService("quiltd", serviceVersion: DaemonVersion.Text))
        .AddMeter(Telemetry.Name).AddMeter("System.Runtime").AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0).Build();

    internal static void Map(WebApplication app, MeterProvider meters, EngineMeters engine, AgentLayer agents, ILogger logger) => app.UseOpenTelemetryPrometheusScrapingEndpoint(
        meters,
        context => context.Request.Path == Path && HttpMethods.IsGet(context.Request.Method),
        path: null,
        branch => branch.Use((context, next) => ProblemDetails.GuardAsync(context, logger, () => agents.Execution.RunAsync(
            HttpCall.Of(context), Reading, new CallArguments(static () => "{}", static () => "{}"), async (_, _) =>
            {
                engine.Renew();
                await next(context).ConfigureAwait(false);
                return true;
            }, null, context.RequestAborted))),
        optionsName: null);
}
