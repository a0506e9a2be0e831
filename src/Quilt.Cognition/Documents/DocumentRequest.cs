using System.Text.Json.Serialization;

namespace Quilt.Cognition;

/// <summary>What is wanted of a document; the document itself comes beside it.</summary>
public sealed record DocumentRequest
{
    /// <summary>Null: recognized.</summary>
    public string? Format { get; init; }
    public string? FileName { get; init; }

    /// <summary>The argument that the document came in; named in errors.</summary>
    public required string Argument { get; init; }

    /// <summary>Where in the text to begin, characters.</summary>
    public required int Offset { get; init; }

    /// <summary>How much text to return, characters.</summary>
    public required int MaxChars { get; init; }

    /// <summary>What the parts of a zipped document may come to, bytes.</summary>
    public required long MaxUnpackedBytes { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DocumentRequest))]
public sealed partial class DocumentRequestJson : JsonSerializerContext;
