using System.Runtime.ExceptionServices;
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
        _ = await BringAsync(manifest, source, lease, progress, cancellation).ConfigureAwait(false);
        ImageReference name = reference.Tag is null ? reference.ByDigest(manifest.Digest) : reference.ByTag();
        await _index.NameAsync([new IndexEntry(name, Plain(manifest), index?.Digest, IsDangling: false)], cancellation).ConfigureAwait(false);
        return Named(name, manifest.Digest);
    }

    /// <summary>An image that was just named and is leased. Whoever took its name away at once left it without one.</summary>
    private StoredImage Named(ImageReference name, Digest manifest) => Named(Reload(), name, manifest);

    private static StoredImage Named(ImageCatalog catalog, ImageReference name, Digest manifest) =>
        catalog.Find(name) is { } image && image.Digest == manifest ? image : catalog.Find(manifest) ?? throw NoSuchImage(name);

    /// <summary>As the list of images has it: without what an index said of it.</summary>
    private static Descriptor Plain(Descriptor manifest) => new() { MediaType = manifest.MediaType, Digest = manifest.Digest, Size = manifest.Size };

    /// <summary>All that an image consists of, held by the lease. What was refused is gone again; what a cut or a cancellation left is kept to go on with.</summary>
    /// <returns>What of it was not here before.</returns>
    private async Task<IReadOnlyCollection<Digest>> BringAsync(Descriptor manifest, IBlobSource source, ImageLease lease, IProgress<TransferProgress>? progress, CancellationToken cancellation)
    {
        using ImageLease own = Lease();
        using SpaceLimit.SpaceShare space = _space.Begin();
        ImageTransfer transfer = new(Blobs, _layers, _partials, _locks, _options, source, own, space, progress);
        try
        {
            ImageReader.RefuseUnlessManifest(manifest);
            await transfer.BringDocumentAsync(manifest, ImageReader.LongestManifest, cancellation).ConfigureAwait(false);
            Descriptor config = ImageReader.ConfigOf(_reader.ReadManifest(manifest));
            await transfer.BringDocumentAsync(config, ImageReader.LongestConfig, cancellation).ConfigureAwait(false);
            ImageParts parts = _reader.Read(manifest);
            await transfer.BringLayersAsync(parts, cancellation).ConfigureAwait(false);
            foreach (Digest digest in parts.All())
            {
                lease.Hold(digest);
            }

            return transfer.Brought;
        }
        catch (SourceExhaustedException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!); // what came is gone on with
            throw;
        }
        catch (QuiltException e) when (e.Code is ErrorCode.InvalidArgument or ErrorCode.ResourceExhausted or ErrorCode.Unimplemented)
        {
            own.Dispose();
            await ForgetAsync(transfer.Brought, transfer.Begun).ConfigureAwait(false);
            throw;
        }
    }
}
