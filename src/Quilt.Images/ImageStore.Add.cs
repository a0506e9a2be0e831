using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Brings an image in: its manifest, configuration and layers, as far as they are not here, several at once; each verified,
    /// decompressed and unpacked while it comes. What was transferred of a blob when it was cut, cancelled or killed is kept for the next try.
    /// </summary>
    /// <param name="reference">Its tag names the image, whatever had that name before; without one, its digest does.</param>
    /// <param name="manifest">Of one platform's manifest, not of an index.</param>
    /// <param name="index">The multi-platform index it was chosen from, by whose digest it is found too; null where there is none.</param>
    /// <exception cref="QuiltException">What is wrong with it, or what its source threw; names, blobs and layers are as they were.</exception>
    public async Task<StoredImage> AddAsync(
        ImageReference reference, Descriptor manifest, IBlobSource source, Descriptor? index, IProgress<TransferProgress>? progress, CancellationToken cancellation)
    {
        using ImageLease lease = Lease();
        ImageTransfer transfer = new(Blobs, _layers, _partials, _locks, _options, source, lease, progress);
        ImageParts parts = await ReadDocumentsAsync(manifest, transfer, cancellation).ConfigureAwait(false);
        await transfer.BringLayersAsync(parts, cancellation).ConfigureAwait(false);
        ImageReference name = reference.Tag is null ? reference.ByDigest(manifest.Digest) : reference.ByTag();
        await _index.NameAsync([new IndexEntry(name, manifest with { Annotations = null, Platform = null }, index?.Digest, IsDangling: false)], cancellation).ConfigureAwait(false);
        return Reload().Find(name) ?? throw new QuiltException(ErrorCode.Aborted, $"the image {reference} was removed as soon as it was there", "get it again");
    }

    private async Task<ImageParts> ReadDocumentsAsync(Descriptor manifest, ImageTransfer transfer, CancellationToken cancellation)
    {
        ImageReader.RefuseUnlessManifest(manifest);
        await transfer.BringDocumentAsync(manifest, ImageReader.LongestManifest, cancellation).ConfigureAwait(false);
        Descriptor config = ImageReader.ConfigOf(_reader.ReadManifest(manifest));
        await transfer.BringDocumentAsync(config, ImageReader.LongestConfig, cancellation).ConfigureAwait(false);
        return _reader.Read(manifest);
    }
}
