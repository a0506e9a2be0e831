using System.Net.Http.Headers;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry;

public sealed partial class RegistryClient
{
    private const int LongestManifest = 4 << 20;

    /// <summary>Brings an image of a store into a registry: what of its blobs is not there, then its manifest, byte for byte.</summary>
    /// <exception cref="QuiltException">NotFound: the store has no such image. PermissionDenied, Unavailable and others: the registry did not take it.</exception>
    public async Task<PushedImage> PushAsync(ImageStore store, PushRequest request, IProgress<TransferProgress>? progress, CancellationToken cancellation)
    {
        using ImageLease lease = store.Lease();
        StoredImage image = store.TryFind(request.Source, lease)
            ?? throw new QuiltException(ErrorCode.NotFound, $"the image {request.Source} is not here", "see what is: quilt images", "image");
        if (request.Target.Digest is { } digest && digest != image.Digest)
        {
            throw QuiltException.Invalid("target", $"the image {request.Source} has the digest {image.Digest}, not {digest}", "push to a tag, or by the image's own digest");
        }

        RepositoryConnection repository = Origin(request.Target, request.Credential);
        lease.Hold(image);
        FetchedManifest manifest = new(image.Manifest, store.Blobs.ReadDocument(image.Manifest, LongestManifest));
        ImageManifest parts = store.ManifestOf(image);
        Descriptor[] blobs = [.. (parts.Layers ?? []).Append(parts.Config!).DistinctBy(b => b.Digest)];
        IReadOnlyDictionary<Digest, string> elsewhere = Elsewhere(store, request.Target);
        long sent = 0;
        await Parallel.ForEachAsync(blobs, new ParallelOptions { MaxDegreeOfParallelism = _options.Transfers.Uploads, CancellationToken = cancellation }, async (blob, stop) =>
        {
            using FileStream file = store.Blobs.OpenRead(blob.Digest);
            BlobUpload upload = new(repository, blob, file.SafeFileHandle, _options.Transfers, new ProgressMeter(blob, progress));
            Interlocked.Add(ref sent, await upload.RunAsync(elsewhere.GetValueOrDefault(blob.Digest), stop).ConfigureAwait(false));
        }).ConfigureAwait(false);

        await PutManifestAsync(repository, manifest, Selector(request.Target), request.Target.ToString(), cancellation).ConfigureAwait(false);
        return new PushedImage { Digest = image.Digest, Layers = parts.Layers?.Count ?? 0, TransferredBytes = sent };
    }

    private static async Task PutManifestAsync(RepositoryConnection repository, FetchedManifest manifest, string selector, string image, CancellationToken cancellation)
    {
        RegistryRequest request = new(HttpMethod.Put, repository.Of($"manifests/{selector}"))
        {
            What = image,
            Scopes = repository.Scope("pull,push"),
            Content = () => new ByteArrayContent(manifest.Content) { Headers = { ContentType = new MediaTypeHeaderValue(manifest.Descriptor.MediaType) } },
        };
        using HttpResponseMessage response = await repository.SendAsync(request, cancellation).ConfigureAwait(false);
        if (ManifestRequests.DigestOf(response) is { } told && told != manifest.Descriptor.Digest)
        {
            throw new QuiltException(ErrorCode.Unavailable, $"the registry {repository.Registry} made {told} of the manifest {manifest.Descriptor.Digest} of {image}", "ask the registry's operator why it changes manifests");
        }
    }

    /// <summary>Other repositories of the same registry that the store's images came from or went to, by the layers they have.</summary>
    private static Dictionary<Digest, string> Elsewhere(ImageStore store, ImageReference target)
    {
        Dictionary<Digest, string> places = [];
        foreach (StoredImage image in store.List().Where(i => i.Reference.Domain == target.Domain && i.Reference.Path != target.Path))
        {
            foreach (StoredLayer layer in image.Layers)
            {
                places.TryAdd(layer.Blob.Digest, image.Reference.Path);
            }
        }

        return places;
    }
}
