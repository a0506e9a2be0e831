using Quilt.Core;

namespace Quilt.Images;

/// <summary>An image that containers can be made of now: verified and unpacked.</summary>
public sealed record StoredImage
{
    public required ImageReference Reference { get; init; }

    /// <summary>Of the manifest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Absolute, lowest first. Owned by unshifted ids: 0 is the container's root.</summary>
    public required IReadOnlyList<string> LayerFolders { get; init; }
    public required ImageConfig Config { get; init; }

    /// <summary>Of its blobs as stored: manifest, configuration and layers.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>When the image was made, as it says itself; the Unix epoch where it does not.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
