using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quilt.Registry;

/// <summary>The operator's file. What is not known in it is refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RegistryOptions))]
internal sealed partial class RegistryJson : JsonSerializerContext;

/// <summary>What registries and token servers answer. What is not known in it is passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(RegistryErrors))]
internal sealed partial class AnswerJson : JsonSerializerContext;

/// <summary>Why a registry refused (distribution-spec, error codes).</summary>
internal sealed record RegistryErrors
{
    public IReadOnlyList<RegistryError?>? Errors { get; init; }
}

internal sealed record RegistryError
{
    public string? Code { get; init; }
    public string? Message { get; init; }
}
