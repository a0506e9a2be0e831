using System.Text.Json.Serialization;

namespace Quilt.Images;

/// <summary>An image in <c>manifest.json</c> of an archive that <c>docker save</c> writes (moby, image/spec/v1.2.md).</summary>
public sealed record DockerArchiveItem
{
    /// <summary>Path of the configuration.</summary>
    [JsonPropertyName("Config")]
    public string? Config { get; init; }

    [JsonPropertyName("RepoTags")]
    public IReadOnlyList<string>? RepoTags { get; init; }

    /// <summary>Paths of the layers' archives, lowest first.</summary>
    [JsonPropertyName("Layers")]
    public IReadOnlyList<string>? Layers { get; init; }
}
