namespace Quilt.Images;

/// <summary>Manifests of one image for several platforms (OCI image-spec, image-index); also the form of the store's own list.</summary>
public sealed record ImageIndex
{
    public int SchemaVersion { get; init; } = 2;
    public string? MediaType { get; init; }
    public IReadOnlyList<Descriptor>? Manifests { get; init; }
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
