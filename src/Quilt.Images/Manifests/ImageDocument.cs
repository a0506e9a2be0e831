using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>The JSON that a manifest's <c>config</c> points at (OCI image-spec, config).</summary>
public sealed record ImageDocument
{
    public DateTimeOffset? Created { get; init; }
    public string? Author { get; init; }
    public string Architecture { get; set; } = "";
    public string Os { get; set; } = "";

    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    [JsonPropertyName("os.features")]
    public IReadOnlyList<string>? OsFeatures { get; init; }
    public string? Variant { get; init; }
    public ImageDocumentConfig? Config { get; init; }
    public ImageRootFs? Rootfs { get; init; }

    /// <summary>How each layer came about, oldest first; more than there are layers where some changed no file.</summary>
    public IReadOnlyList<ImageHistory>? History { get; init; }

    /// <summary>What we know nothing of: read, and written again as it was.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>The digests of the layers' uncompressed archives, lowest first.</summary>
public sealed record ImageRootFs
{
    public string Type { get; set; } = "layers";

    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<Digest>? DiffIds { get; init; }
}

/// <summary>One step of an image's making.</summary>
public sealed record ImageHistory
{
    public DateTimeOffset? Created { get; init; }

    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; init; }
    public string? Author { get; init; }
    public string? Comment { get; init; }

    /// <summary>It made no layer.</summary>
    [JsonPropertyName("empty_layer")]
    public bool? EmptyLayer { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Other { get; set; }
}
