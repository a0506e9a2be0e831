using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    private SemaphoreSlim Collecting { get; } = new(1);

    /// <summary>Gives an image a further name, whatever had that before.</summary>
    /// <exception cref="QuiltException">NotFound: there is no such image.</exception>
    public async Task<StoredImage> TagAsync(ImageReference source, ImageReference target, CancellationToken cancellation)
    {
        using ImageLease lease = Lease();
        StoredImage image = TryFind(source, lease) ?? throw NoSuchImage(source);
        ImageReference name = target.ByTag();
        await _index.NameAsync([new IndexEntry(name, image.Manifest, image.IndexDigest, IsDangling: false)], cancellation).ConfigureAwait(false);
        return Named(name, image.Digest);
    }

    /// <summary>Takes a name away, or by digest all names of an image; one without a name then goes unless it is used.</summary>
    /// <param name="inUse">Manifests of the images that containers use. Called while nothing can go that is leased.</param>
    /// <exception cref="QuiltException">NotFound: there is no such image.</exception>
    public async Task<Collected> RemoveAsync(ImageReference reference, Func<IReadOnlySet<Digest>> inUse, CancellationToken cancellation)
    {
        bool found = false;
        Collected collected = await CollectAsync(
            inUse,
            entries =>
            {
                Digest? manifest = entries.FirstOrDefault(e => IsMeant(e, reference))?.Manifest.Digest;
                found = manifest is not null;
                return found ? [.. entries.Where(e => reference.Digest is null ? e.Reference == reference : e.Manifest.Digest == manifest)] : [];
            },
            everything: false,
            cancellation).ConfigureAwait(false);
        return found ? collected : throw NoSuchImage(reference);
    }

    /// <summary>Removes images that are not wanted, and all that belongs to no image. What is used, leased or on its way stays.</summary>
    /// <param name="inUse">Manifests of the images that containers use. Called while nothing can go that is leased: who creates a container leases its image until <paramref name="inUse"/> tells of it.</param>
    /// <param name="unwanted">Of images that nothing uses, which are to go; asked for each name of one. <c>i => i.IsDangling</c> is usual.</param>
    public Task<Collected> CollectAsync(Func<IReadOnlySet<Digest>> inUse, Func<StoredImage, bool> unwanted, CancellationToken cancellation) => CollectAsync(
        inUse,
        entries =>
        {
            ImageCatalog catalog = Reload();
            IReadOnlySet<Digest> used = inUse();
            return [.. entries.Where(e => !used.Contains(e.Manifest.Digest) && (catalog.Find(e.Reference) is { } image ? unwanted(image) : e.IsDangling))];
        },
        everything: true,
        cancellation);

    private static bool IsMeant(IndexEntry entry, ImageReference reference) => reference.Digest is { } digest
        ? entry.Reference.Repository == reference.Repository && (entry.Manifest.Digest == digest || entry.IndexDigest == digest)
        : entry.Reference == reference;

    /// <param name="choose">Of the names, those that are to go.</param>
    /// <param name="everything">Whether all goes that belongs to no image, or only what those that go consisted of.</param>
    private async Task<Collected> CollectAsync(
        Func<IReadOnlySet<Digest>> inUse, Func<IReadOnlyList<IndexEntry>, IReadOnlyList<IndexEntry>> choose, bool everything, CancellationToken cancellation)
    {
        await Collecting.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _leases.BeginCollection();
            IReadOnlySet<Digest> used = inUse();
            ImageCatalog before = Reload();
            List<ImageReference> names = [];
            List<Digest> images = [];
            await _index.UpdateAsync(entries => TakeNames(entries, choose(entries), used, names, images), cancellation).ConfigureAwait(false);

            // From here on it is not given up: the names are gone.
            HashSet<Digest>? among = everything ? null : [.. images.SelectMany(i => before.Find(i)?.Parts.All() ?? [i])];
            Collected collected = await Task.Run(() => Sweep(used, among), CancellationToken.None).ConfigureAwait(false);
            return collected with { Names = names, Images = images };
        }
        finally
        {
            _leases.EndCollection();
            Collecting.Release();
        }
    }

    /// <summary>Takes out what came in for nothing, unless somebody else has come to want it.</summary>
    /// <param name="begun">Keys of transfers that nobody goes on with.</param>
    private async Task ForgetAsync(IReadOnlyCollection<Digest> brought, IReadOnlyCollection<Digest> begun)
    {
        await Collecting.WaitAsync().ConfigureAwait(false);
        try
        {
            _leases.BeginCollection();
            foreach (Digest key in begun)
            {
                using IDisposable? alone = _locks.TryTake(key);
                if (alone is not null)
                {
                    _partials.Remove(key);
                }
            }

            await Task.Run(() => Sweep(new HashSet<Digest>(), [.. brought])).ConfigureAwait(false);
        }
        finally
        {
            _leases.EndCollection();
            Collecting.Release();
        }
    }

    private void TakeNames(List<IndexEntry> entries, IReadOnlyList<IndexEntry> chosen, IReadOnlySet<Digest> used, List<ImageReference> names, List<Digest> images)
    {
        foreach (IndexEntry entry in chosen)
        {
            Digest manifest = entry.Manifest.Digest;
            entries.Remove(entry);
            if (!entry.IsDangling)
            {
                names.Add(entry.Reference);
            }

            if (entries.Exists(e => e.Manifest.Digest == manifest))
            {
                continue;
            }

            if (used.Contains(manifest) || !_leases.TryDoom(manifest))
            {
                entries.Add(entry.Dangling());
            }
            else
            {
                images.Add(manifest);
            }
        }
    }

    /// <param name="among">Digests that may go; null is all that no image has, and what was left of transfers.</param>
    private Collected Sweep(IReadOnlySet<Digest> used, HashSet<Digest>? among)
    {
        HashSet<Digest> marked = Mark(used);
        (int blobs, long blobBytes) = Sweep(among?.Where(Blobs.Contains) ?? Blobs.All(), marked, Blobs.PathOf, Blobs.SizeOf);
        (int layers, long layerBytes) = Sweep(among?.Where(_layers.Contains) ?? _layers.All(), marked, _layers.PathOf, _layers.SizeOf);
        long partialBytes = among is null ? _partials.RemoveAbandoned(_locks, TimeSpan.Zero) : 0;
        EmptyTrash();
        return new Collected { Names = [], Images = [], Blobs = blobs, Layers = layers, FreedBytes = blobBytes + layerBytes + partialBytes };
    }

    private void EmptyTrash()
    {
        if (_options.DeletesInBackground)
        {
            _ = Task.Run(_trash.Empty);
        }
        else
        {
            _trash.Empty();
        }
    }

    private (int Count, long Bytes) Sweep(IEnumerable<Digest> all, HashSet<Digest> marked, Func<Digest, string> path, Func<Digest, long> size)
    {
        (int count, long bytes) = (0, 0);
        foreach (Digest digest in all.Where(d => !marked.Contains(d)))
        {
            long freed = size(digest);
            if (_leases.TryTakeOut(digest, () => _trash.Take(path(digest))))
            {
                count++;
                bytes += freed;
            }
        }

        return (count, bytes);
    }

    /// <summary>All that images consist of: those in the list, and those that are used and in no list any more.</summary>
    private HashSet<Digest> Mark(IReadOnlySet<Digest> used)
    {
        ImageCatalog catalog = Reload();
        HashSet<Digest> marked = [];
        foreach (Descriptor manifest in _index.Read().Select(e => e.Manifest).Concat(used.SelectMany(AnyManifest)).DistinctBy(m => m.Digest))
        {
            marked.Add(manifest.Digest);
            try
            {
                marked.UnionWith((catalog.Find(manifest.Digest)?.Parts ?? _reader.Read(manifest)).All());
            }
            catch (QuiltException)
            {
                // A damaged one: what it consisted of is not known, and of no use.
            }
        }

        return marked;
    }

    /// <summary>A manifest of which only the digest is known may be of either kind; the wrong one is not readable.</summary>
    private IEnumerable<Descriptor> AnyManifest(Digest digest) => Blobs.Contains(digest)
        ? new[] { MediaTypes.Manifest, MediaTypes.DockerManifest }.Select(type => new Descriptor { MediaType = type, Digest = digest, Size = Blobs.SizeOf(digest) })
        : [];

    private static QuiltException NoSuchImage(ImageReference reference) =>
        new(ErrorCode.NotFound, $"there is no image '{reference}' here", "list the images for their names", "image");
}
