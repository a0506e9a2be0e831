using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>
/// The span of a command. It goes to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; without one nothing is made or loaded, and a
/// trace that TRACEPARENT names is only passed on to the daemon.
/// </summary>
internal sealed class CommandTrace : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const int MostMillisToSend = 2000;
    private readonly TracerProvider _provider;
    private readonly Activity? _span;

    private CommandTrace(string endpoint, string command)
    {
        _provider = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("quilt", serviceVersion: VersionCommand.Client))
            .AddSource(Telemetry.Name)
            .AddOtlpExporter(exporter =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = new Uri($"{endpoint.TrimEnd('/')}/v1/traces");
            })
            .Build();
        _ = ActivityContext.TryParse(Environment.GetEnvironmentVariable(Telemetry.TraceVariable), null, isRemote: true, out ActivityContext parent);
        _span = Telemetry.Source.StartActivity($"quilt {command}", ActivityKind.Client, parent);
    }

    /// <summary>As the daemon is to be told of it; null where there is none.</summary>
    internal static string? Parent => Activity.Current?.Id ?? (Environment.GetEnvironmentVariable(Telemetry.TraceVariable) is { Length: > 0 } given ? given : null);

    /// <returns>Null: nobody wants it.</returns>
    /// <exception cref="QuiltException">InvalidArgument: the variable is no address.</exception>
    internal static CommandTrace? Begin(string command)
    {
        if (Environment.GetEnvironmentVariable(Endpoint) is not { Length: > 0 } endpoint)
        {
            return null;
        }

        // Without TLS: this program is linked statically, and OpenSSL would bring a second C library into it.
        return Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttp
            ? new CommandTrace(endpoint, command)
            : throw QuiltException.Invalid(Endpoint, $"{Endpoint} '{endpoint}' is no address of a collector that takes http", "set it to a URL such as http://127.0.0.1:4318, or unset it");
    }

    internal void End(int exitCode) => _span?.SetTag("process.exit.code", exitCode).SetStatus(exitCode == 0 ? ActivityStatusCode.Ok : ActivityStatusCode.Error);

    public void Dispose()
    {
        _span?.Dispose();
        _provider.ForceFlush(MostMillisToSend);
        _provider.Dispose();
    }
}
