using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Quilt.Cli;

/// <summary>How the views are written: indented documents, or one line each in a stream.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ErrorView))]
[JsonSerializable(typeof(ContainerView[]))]
[JsonSerializable(typeof(ContainerDetailView))]
[JsonSerializable(typeof(CreatedView))]
[JsonSerializable(typeof(StartedView[]))]
[JsonSerializable(typeof(StoppedView[]))]
[JsonSerializable(typeof(SignalledView[]))]
[JsonSerializable(typeof(RemovedView[]))]
[JsonSerializable(typeof(CommandResultView))]
[JsonSerializable(typeof(ExecStartedView))]
[JsonSerializable(typeof(LogLineView))]
[JsonSerializable(typeof(WaitView))]
[JsonSerializable(typeof(StatsView[]))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(ImageView[]))]
[JsonSerializable(typeof(InfoView))]
[JsonSerializable(typeof(VersionView))]
[JsonSerializable(typeof(DashboardView))]
[JsonSerializable(typeof(DoctorView))]
[JsonSerializable(typeof(PruneView))]
[JsonSerializable(typeof(CommandView[]))]
[JsonSerializable(typeof(ToolView[]))]
[JsonSerializable(typeof(ToolDetailView))]
[JsonSerializable(typeof(McpInstalledView))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>One line. Letters of every script stay as they are; our output goes into no web page.</summary>
    internal static CliJson Compact { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    internal static CliJson Indented { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true,
    });

    /// <summary>A whole document.</summary>
    internal static void WriteDocument<T>(TextWriter to, T view, Func<CliJson, JsonTypeInfo<T>> type) =>
        to.WriteLine(JsonSerializer.Serialize(view, type(Indented)));

    /// <summary>One line of a stream.</summary>
    internal static void WriteLine<T>(TextWriter to, T view, Func<CliJson, JsonTypeInfo<T>> type) =>
        to.WriteLine(JsonSerializer.Serialize(view, type(Compact)));
}
