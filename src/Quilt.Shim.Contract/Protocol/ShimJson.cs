using System.Text.Json.Serialization;

namespace Quilt.Shim.Contract;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ShimRequest))]
[JsonSerializable(typeof(ShimResponse))]
[JsonSerializable(typeof(ShimEvent))]
[JsonSerializable(typeof(ExitRecord))]
public sealed partial class ShimJson : JsonSerializerContext;
