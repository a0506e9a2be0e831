using Quilt.Core;

namespace Quilt.Images;

/// <summary>An image that containers can be made of now: verified and unpacked.</summary>
public sealed record StoredImage
{
    internal StoredImage(ImageParts parts) => Parts = parts;

    /// <summary>Its name: with a tag, or by digest where it was asked for by that, or where it has lost its tag.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>It has no name any more, or never had one: whoever tidies up may remove it.</summary>
    public bool IsDangling { get; init; }

    /// <summary>Of the multi-platform index the image was chosen from, by which it is found too; null where there was none.</summary>
    public Digest? IndexDigest { get; init; }

    /// <summary>Of the manifest.</summary>
    public Digest Digest => Parts.Manifest.Digest;

    public Descriptor Manifest => Parts.Manifest;

    /// <summary>What others call the image's id: the digest of its configuration.</summary>
    public Digest ConfigDigest => Parts.Config.Digest;

    /// <summary>Lowest first.</summary>
    public required IReadOnlyList<StoredLayer> Layers { get; init; }

    /// <summary>Absolute, lowest first. Owned by unshifted ids: 0 is the container's root.</summary>
    public required IReadOnlyList<string> LayerFolders { get; init; }
    public required ImageConfig Config { get; init; }

    /// <summary>The configuration's whole document, with what we know nothing of.</summary>
    public ImageDocument Document => Parts.Document;

    /// <summary>Of its blobs as stored: manifest, configuration and layers.</summary>
    public long SizeBytes => Parts.Manifest.Size + Parts.Config.Size + Parts.Layers.Sum(l => l.Size);

    /// <summary>When the image was made, as it says itself; the Unix epoch where it does not.</summary>
    public DateTimeOffset CreatedAt => Parts.Document.Created ?? DateTimeOffset.UnixEpoch;

    internal ImageParts Parts { get; }
}
