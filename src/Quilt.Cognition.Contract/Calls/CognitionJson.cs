using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quilt.Cognition;

/// <summary>How everything between the daemon and quilt-cognition is written. What is not known is refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PonderArguments))]
[JsonSerializable(typeof(PonderResult))]
[JsonSerializable(typeof(WebSearchArguments))]
[JsonSerializable(typeof(WebSearchResult))]
[JsonSerializable(typeof(ParseDocumentArguments))]
[JsonSerializable(typeof(ParseDocumentResult))]
[JsonSerializable(typeof(WriteCodeArguments))]
[JsonSerializable(typeof(WriteCodeResult))]
[JsonSerializable(typeof(CognitionConfig))]
[JsonSerializable(typeof(CallRequest))]
[JsonSerializable(typeof(CallResponse))]
public sealed partial class CognitionJson : JsonSerializerContext;
