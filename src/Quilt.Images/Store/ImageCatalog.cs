using Quilt.Core;

namespace Quilt.Images;

/// <summary>The images of a store as they were when its list was read; never changes.</summary>
internal sealed class ImageCatalog
{
    private readonly Dictionary<ImageReference, StoredImage> _byName = [];
    private readonly Dictionary<(string Repository, Digest), StoredImage> _byDigest = [];
    private readonly Dictionary<Digest, StoredImage> _byManifest = [];
    private readonly Dictionary<ImageReference, QuiltException> _damaged = [];
    private readonly List<StoredImage> _images = [];

    internal ImageCatalog((DateTime, long) stamp) => Stamp = stamp;

    /// <summary>Of the list that was read.</summary>
    internal (DateTime, long) Stamp { get; }

    /// <summary>One for each name, and each without one; in the order of their references.</summary>
    internal IReadOnlyList<StoredImage> Images => _images;

    internal IReadOnlyDictionary<ImageReference, QuiltException> Damaged => _damaged;

    internal void Add(StoredImage image)
    {
        _images.Add(image);
        _byName[image.Reference] = image;
        _byManifest.TryAdd(image.Digest, image);
        _byDigest.TryAdd((image.Reference.Repository, image.Digest), image);
        if (image.IndexDigest is { } index)
        {
            _byDigest.TryAdd((image.Reference.Repository, index), image);
        }
    }

    internal void AddDamaged(ImageReference reference, QuiltException why) => _damaged[reference] = why;

    /// <summary>A digest says more than the tag beside it, which may have moved.</summary>
    internal StoredImage? Find(ImageReference reference) => reference.Digest is { } digest
        ? _byDigest.GetValueOrDefault((reference.Repository, digest))
        : _byName.GetValueOrDefault(reference);

    internal StoredImage? Find(Digest manifest) => _byManifest.GetValueOrDefault(manifest);
}
