using System.Collections.Immutable;
using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    private readonly Lock _loading = new();
    private volatile Catalog? _catalog;

    /// <summary>The image of that name. Once seen it costs no look at the disk; only a name that is not known does.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="QuiltException">The image has a name, and a blob or layer of it is missing or damaged.</exception>
    public StoredImage? TryFind(ImageReference reference)
    {
        Catalog catalog = _catalog ?? Reload();
        if (!catalog.Images.TryGetValue(reference, out StoredImage? image))
        {
            // Another process may have brought it in since.
            catalog = catalog.Stamp == _index.Stamp() ? catalog : Reload();
            image = catalog.Images.GetValueOrDefault(reference);
        }

        return image is null && catalog.Damaged.TryGetValue(reference, out QuiltException? damage) ? throw damage : image;
    }

    /// <summary>All images by name, in order. A damaged one is not among them.</summary>
    public IReadOnlyList<StoredImage> List()
    {
        Catalog? catalog = _catalog;
        catalog = catalog is null || catalog.Stamp != _index.Stamp() ? Reload() : catalog;
        return [.. catalog.Images.Where(i => i.Key == i.Value.Reference).Select(i => i.Value).OrderBy(i => i.Reference.Canonical, StringComparer.Ordinal)];
    }

    /// <summary>As <see cref="TryFind"/>, and looks at the disk whether it is still all there.</summary>
    private StoredImage? TryFindIntact(ImageReference reference)
    {
        try
        {
            return Reload().Images.GetValueOrDefault(reference);
        }
        catch (QuiltException)
        {
            return null; // it is about to be written anew
        }
    }

    private Catalog Reload()
    {
        lock (_loading)
        {
            // The stamp first: what changes while we read is read again next time.
            (DateTime, long) stamp = _index.Stamp();
            Catalog catalog = new(stamp, ImmutableDictionary<ImageReference, StoredImage>.Empty, ImmutableDictionary<ImageReference, QuiltException>.Empty);
            foreach ((ImageReference reference, Descriptor manifest) in _index.Read())
            {
                try
                {
                    catalog = catalog.With(_reader.ToStored(reference, _reader.Read(manifest)));
                }
                catch (QuiltException e)
                {
                    catalog = catalog with { Damaged = catalog.Damaged.SetItem(reference, e) };
                }
            }

            return _catalog = catalog;
        }
    }

    private void Remember(StoredImage image)
    {
        lock (_loading)
        {
            _catalog = _catalog?.With(image);
        }
    }

    private sealed record Catalog(
        (DateTime, long) Stamp,
        ImmutableDictionary<ImageReference, StoredImage> Images,
        ImmutableDictionary<ImageReference, QuiltException> Damaged)
    {
        /// <summary>With an image by its tag, by its digest, and by both.</summary>
        internal Catalog With(StoredImage image)
        {
            ImmutableDictionary<ImageReference, StoredImage> images = Images;
            if (images.TryGetValue(image.Reference, out StoredImage? before))
            {
                images = images.Remove(before.Reference.WithDigest(before.Digest));
                images = images.GetValueOrDefault(before.Reference.ByDigest(before.Digest)) == before
                    ? images.Remove(before.Reference.ByDigest(before.Digest))
                    : images;
            }

            return this with
            {
                Images = images
                    .SetItem(image.Reference, image)
                    .SetItem(image.Reference.ByDigest(image.Digest), image)
                    .SetItem(image.Reference.WithDigest(image.Digest), image),
                Damaged = Damaged.Remove(image.Reference),
            };
        }
    }
}
