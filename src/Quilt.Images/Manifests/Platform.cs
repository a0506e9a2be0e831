using System.Text.Json.Serialization;

namespace Quilt.Images;

/// <summary>What an image runs on, in Go's names: <c>linux</c>, <c>amd64</c>, <c>arm64</c> with variant <c>v8</c>.</summary>
public sealed record Platform
{
    public string Architecture { get; set; } = "";
    public string Os { get; set; } = "";
    public string? Variant { get; init; }

    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    [JsonPropertyName("os.features")]
    public IReadOnlyList<string>? OsFeatures { get; init; }

    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
