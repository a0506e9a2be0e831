using Quilt.Core;

namespace Quilt.Images;

/// <summary>What went from the store.</summary>
public sealed record Collected
{
    /// <summary>Names that mean nothing any more.</summary>
    public required IReadOnlyList<ImageReference> Names { get; init; }

    /// <summary>Manifests of images that are gone.</summary>
    public required IReadOnlyList<Digest> Images { get; init; }

    public required int Blobs { get; init; }
    public required int Layers { get; init; }

    /// <summary>Of blobs, unpacked layers and what was left of transfers.</summary>
    public required long FreedBytes { get; init; }
}
