namespace Quilt.Images;

/// <summary>An image for one platform: its configuration and its layers, lowest first (OCI image-spec, manifest).</summary>
public sealed record ImageManifest
{
    public int SchemaVersion { get; init; } = 2;
    public string? MediaType { get; init; }
    public Descriptor? Config { get; init; }
    public IReadOnlyList<Descriptor>? Layers { get; init; }
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
