using System.Text.Json.Serialization;

namespace Quilt.Oci;

/// <summary>Generated readers and writers. A list that is absent or null in JSON reads as empty: the properties see to that.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = false)]
[JsonSerializable(typeof(OciSpec))]
[JsonSerializable(typeof(OciProcess))]
[JsonSerializable(typeof(OciResources))]
[JsonSerializable(typeof(OciSeccomp))]
[JsonSerializable(typeof(OciState))]
public sealed partial class OciJson : JsonSerializerContext;
