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
                exporter.TimeoutMilliseconds = MostMillisToSend;
            })
            .Build();
        _ = TryParent(out ActivityContext parent);
        _span = Telemetry.Source.StartActivity($"quilt {command}", ActivityKind.Client, parent);
    }

    /// <summary>As the daemon is to be told of it; null where there is none.</summary>
    internal static string? Parent => Activity.Current?.Id ?? (TryParent(out _) ? Given : null);

    private static string? Given => Environment.GetEnvironmentVariable(Telemetry.TraceVariable);

    /// <param name="troubles">Is told why there is no trace where one is wanted.</param>
    /// <returns>Null: nobody wants it, or it cannot be had. The variables are there for all of a person's programs: what is wrong with one stops no command.</returns>
    internal static CommandTrace? Begin(string command, Action<string> troubles)
    {
        if (Environment.GetEnvironmentVariable(Endpoint) is not { Length: > 0 } endpoint)
        {
            return null;
        }

        // No value is repeated: there are passwords in addresses and headers.
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) || url.Scheme != Uri.UriSchemeHttp)
        {
            // Without TLS: this program is linked statically, and OpenSSL would bring a second C library into it.
            troubles($"{Endpoint} is not the http address of a collector, such as http://127.0.0.1:4318 (quilt itself has no TLS for traces)");
            return null;
        }

        try
        {
            return new CommandTrace(endpoint, command);
        }
#pragma warning disable CA1031 // whatever the library says of the other OTEL_ variables, which it reads by itself
        catch (Exception)
#pragma warning restore CA1031
        {
            troubles("an OTEL_ variable has a value that cannot be used");
            return null;
        }
    }

    internal void End(int exitCode) => _span?.SetTag("process.exit.code", exitCode).SetStatus(exitCode == 0 ? ActivityStatusCode.Ok : ActivityStatusCode.Error);

    public void Dispose()
    {
        _span?.Dispose();
        _provider.ForceFlush(MostMillisToSend);
        _provider.Dispose();
    }

    private static bool TryParent(out ActivityContext parent) => ActivityContext.TryParse(Given, null, isRemote: true, out parent);
}
