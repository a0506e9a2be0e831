using Quilt.Core;

namespace Quilt.Images;

/// <summary>What the store takes on the disk, in bytes.</summary>
public sealed record StoreUsage
{
    /// <summary>Compressed layers, configurations and manifests.</summary>
    public required long BlobBytes { get; init; }

    /// <summary>Unpacked layers.</summary>
    public required long LayerBytes { get; init; }

    /// <summary>What was left of transfers, to go on with.</summary>
    public required long PartialBytes { get; init; }

    /// <summary>Of the three, what belongs to no image.</summary>
    public required long UnreferencedBytes { get; init; }

    /// <summary>Each image once, whatever its names.</summary>
    public required IReadOnlyList<ImageUsage> Images { get; init; }

    public long TotalBytes => BlobBytes + LayerBytes + PartialBytes;
}

/// <summary>What an image takes on the disk, in bytes, its layers both compressed and unpacked.</summary>
/// <param name="Names">None where it is dangling.</param>
/// <param name="SharedBytes">Other images have them too.</param>
/// <param name="UniqueBytes">So much is free when it goes.</param>
public sealed record ImageUsage(Digest Manifest, IReadOnlyList<ImageReference> Names, long SharedBytes, long UniqueBytes);
