using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// A layer of an archive on top of others, in one pass into its blob (compressed) and its folder. It has no name and stays as
    /// long as the lease, or an image that is made of it.
    /// </summary>
    /// <param name="below">Lowest first; what the archive's links and whiteouts speak of.</param>
    /// <param name="archive">Plain, or compressed (<see cref="Decompression"/>); read to its end.</param>
    /// <exception cref="QuiltException">InvalidArgument where the archive is damaged or hostile; ResourceExhausted where it asks for too much. Nothing is left of it.</exception>
    public Task<StoredLayer> AddLayerAsync(ImageLease lease, IReadOnlyList<StoredLayer> below, Stream archive, CancellationToken cancellation) =>
        AddLayerAsync(lease, below, archive, [], cancellation);

    /// <param name="brought">Gets what was not here before.</param>
    private async Task<StoredLayer> AddLayerAsync(ImageLease lease, IReadOnlyList<StoredLayer> below, Stream archive, List<Digest> brought, CancellationToken cancellation)
    {
        foreach (StoredLayer layer in below)
        {
            lease.Hold(layer);
        }

        using SpaceLimit.SpaceShare space = _space.Begin();
        using NewLayer made = await Task.Run(() => _layers.Make(below, archive, space, cancellation), cancellation).ConfigureAwait(false);
        lease.Hold(made.ChainId);
        lease.Hold(made.Blob.Digest);
        brought.AddRange(new[] { made.ChainId, made.Blob.Digest }.Where(IsNew));
        await Task.Run(() => Keep(made), cancellation).ConfigureAwait(false);
        return new StoredLayer(made.Blob, made.DiffId, made.ChainId, _layers.PathOf(made.ChainId));
    }

    private bool IsNew(Digest digest) => !Blobs.Contains(digest) && !_layers.Contains(digest);

    private void Keep(NewLayer made)
    {
        Blobs.Adopt(made.BlobPath, made.Blob.Digest);
        _layers.Adopt(made.FolderPath, made.ChainId);
    }

    /// <summary>
    /// Writes configuration and manifest for layers that are in the store, and gives the image its names; without any it is found
    /// by digest, as a dangling one.
    /// </summary>
    /// <param name="references">By tag.</param>
    /// <param name="document">Its list of layers is replaced by theirs.</param>
    /// <param name="layers">Lowest first, held by the lease; at least one.</param>
    /// <exception cref="QuiltException">InvalidArgument where it would be no image; ResourceExhausted where the disk is full.</exception>
    public async Task<StoredImage> WriteImageAsync(
        ImageLease lease, IReadOnlyList<ImageReference> references, ImageDocument document, IReadOnlyList<StoredLayer> layers, CancellationToken cancellation)
    {
        foreach (StoredLayer layer in layers)
        {
            lease.Hold(layer);
        }

        Descriptor manifest = await WriteAsync(lease, NewImage.Of(document, layers), cancellation).ConfigureAwait(false);
        IReadOnlyList<IndexEntry> names = Entries(manifest, references, null);
        await _index.NameAsync(names, cancellation).ConfigureAwait(false);
        return Named(names[0].Reference, manifest.Digest);
    }
}
