using System.Text.Json.Serialization;

namespace Quilt.OciRuntime;

/// <summary>What the runtime remembers of a container between its invocations: <c>ROOT/ID/state.json</c>.</summary>
internal sealed record ContainerRecord(string Id, int Pid, ulong StartTime, string Bundle, string CgroupPath, DateTimeOffset CreatedAt, string Owner);

/// <summary>A row of <c>list</c>.</summary>
internal sealed record ContainerRow(string Id, int Pid, string Status, string Bundle, DateTimeOffset Created, string Owner);

/// <summary>A line of the log that <c>--log-format json</c> asks for.</summary>
internal sealed record LogLine(string Level, string Msg, DateTimeOffset Time);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ContainerRecord))]
[JsonSerializable(typeof(List<ContainerRow>))]
[JsonSerializable(typeof(LogLine))]
[JsonSerializable(typeof(int[]))]
internal sealed partial class RuntimeJson : JsonSerializerContext;
