using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    private readonly Lock _loading = new();
    private volatile ImageCatalog? _catalog;

    /// <summary>The image of that name. Once seen it costs no look at the disk; only a name that is not known does.</summary>
    /// <param name="reference">By digest, the manifest's or that of the index it was chosen from, its tag does not matter.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="QuiltException">The image has a name, and a blob or layer of it is missing or damaged.</exception>
    public StoredImage? TryFind(ImageReference reference)
    {
        ImageCatalog catalog = _catalog ?? Reload();
        StoredImage? image = catalog.Find(reference);
        if (image is null && catalog.Stamp != _index.Stamp())
        {
            catalog = Reload();
            image = catalog.Find(reference);
        }

        return image is null && catalog.Damaged.TryGetValue(reference, out QuiltException? damage) ? throw damage : image;
    }

    /// <summary>As <see cref="TryFind(ImageReference)"/>, and keeps the image from being collected until the lease is disposed.</summary>
    public StoredImage? TryFind(ImageReference reference, ImageLease lease)
    {
        // Held first: from then on it is either on its way out already, or stays.
        StoredImage? image = TryFind(reference);
        if (image is null)
        {
            return null;
        }

        lease.Hold(image);
        return _leases.IsDoomed(image.Digest) ? null : TryFind(image.Digest);
    }

    /// <summary>The image of that manifest, whatever its names are or were.</summary>
    public StoredImage? TryFind(Digest manifest) => (_catalog ?? Reload()).Find(manifest);

    /// <summary>All images that have names, in order. A damaged one is not among them.</summary>
    public IReadOnlyList<StoredImage> List() => [.. Current().Images.Where(i => !i.IsDangling)];

    /// <summary>Images without a name: those that lost it to another, and those that never had one.</summary>
    public IReadOnlyList<StoredImage> ListDangling() => [.. Current().Images.Where(i => i.IsDangling)];

    private ImageCatalog Current()
    {
        ImageCatalog? catalog = _catalog;
        return catalog is null || catalog.Stamp != _index.Stamp() ? Reload() : catalog;
    }

    /// <summary>Whether an image is all there, by a look at the disk: its documents are read, its layers are not.</summary>
    public bool IsIntact(StoredImage image) =>
        image.Layers.All(l => _layers.Contains(l.ChainId) && Blobs.Contains(l.Blob.Digest))
        && Blobs.HasSound(image.Manifest, ImageReader.LongestManifest) && Blobs.HasSound(image.Parts.Config, ImageReader.LongestConfig);

    private ImageCatalog Reload()
    {
        lock (_loading)
        {
            // The stamp first: what changes while we read is read again next time.
            ImageCatalog catalog = new(_index.Stamp());
            foreach (IndexEntry entry in _index.Read().OrderBy(e => e.Reference.Canonical, StringComparer.Ordinal))
            {
                try
                {
                    // What was read once and verified then need not be again.
                    ImageParts parts = _catalog?.Find(entry.Manifest.Digest)?.Parts ?? _reader.Read(entry.Manifest);
                    catalog.Add(_reader.ToStored(entry, parts));
                }
                catch (QuiltException e)
                {
                    catalog.AddDamaged(entry.Reference, e);
                }
            }

            return _catalog = catalog;
        }
    }
}
