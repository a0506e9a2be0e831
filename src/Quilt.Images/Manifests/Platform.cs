namespace Quilt.Images;

/// <summary>What an image runs on, in Go's names: <c>linux</c>, <c>amd64</c>, <c>arm64</c> with variant <c>v8</c>.</summary>
public sealed record Platform
{
    public string Architecture { get; init; } = "";
    public string Os { get; init; } = "";
    public string? Variant { get; init; }
}
