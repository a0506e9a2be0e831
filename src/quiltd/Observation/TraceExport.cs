using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Where spans go: a collector that speaks OTLP over HTTP. Nowhere unless the operator says so.</summary>
/// <seealso href="https://opentelemetry.io/docs/specs/otlp/#otlphttp"/>
internal static class TraceExport
{
    /// <exception cref="QuiltException">InvalidArgument: this is no address.</exception>
    internal static TracerProvider? Provide(string? endpoint)
    {
        if (endpoint is null)
        {
            return null;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw QuiltException.Invalid("--otlp", $"--otlp '{Text.Printable(endpoint)}' is no address of a collector", "give a URL such as http://127.0.0.1:4318");
        }

        return Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("quiltd", serviceVersion: DaemonVersion.Text))
            .AddSource(Telemetry.Name)
            .AddOtlpExporter(exporter =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = new Uri(url, $"{url.AbsolutePath.TrimEnd('/')}/v1/traces");
            })
            .Build();
    }
}
