using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quilt.Client;

/// <summary>What tools take and answer, as far as this library reads it itself.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ToolError))]
[JsonSerializable(typeof(CopyToArguments))]
[JsonSerializable(typeof(CopyFromArguments))]
[JsonSerializable(typeof(CopyAnswer))]
[JsonSerializable(typeof(BeginSessionArguments))]
[JsonSerializable(typeof(BeginSessionAnswer))]
[JsonSerializable(typeof(EndSessionArguments))]
[JsonSerializable(typeof(EndSessionAnswer))]
internal sealed partial class ClientJson : JsonSerializerContext;
