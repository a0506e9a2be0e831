using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry;

public sealed partial class RegistryClient
{
    private const int LongestConfig = 8 << 20, MostNested = 8;

    /// <summary>Brings an image into a store, under its name and by its digest; of an index, the one for the platform.</summary>
    /// <exception cref="QuiltException">
    /// NotFound, PermissionDenied, Unavailable, ResourceExhausted (429), InvalidArgument (damaged, or not for the platform), Unimplemented
    /// (schema 1); the store is as it was, but for what is kept to go on with.
    /// </exception>
    public async Task<PulledImage> PullAsync(ImageStore store, PullRequest request, IProgress<TransferProgress>? progress, CancellationToken cancellation)
    {
        StoredImage? present = FindPresent(store, request);
        if (present is not null && request.Policy == PullPolicy.Missing)
        {
            return new PulledImage { Image = present! };
        }

        try
        {
            return await FetchAsync(store, request, present, progress, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException e) when (request.Policy == PullPolicy.Newer && present is not null && e.Code is ErrorCode.Unavailable or ErrorCode.ResourceExhausted)
        {
            return new PulledImage { Image = present! };
        }
    }

    private async Task<PulledImage> FetchAsync(ImageStore store, PullRequest request, StoredImage? present, IProgress<TransferProgress>? progress, CancellationToken cancellation)
    {
        List<RepositoryConnection> repositories = Repositories(request.Reference, request.Credential);
        Platform wanted = request.Platform ?? PlatformName.Machine;
        string image = request.Reference.ToString();
        RepositoryConnection from = repositories[0];
        if (present is not null && store.IsIntact(present) && PlatformSelection.Fits(wanted, PlatformSelection.Of(present.Document)))
        {
            // Docker Hub counts no question, only answers with content.
            Descriptor now = await ResolveAsync(request.Reference, request.Credential, cancellation).ConfigureAwait(false);
            if (now.Digest == present.Digest || now.Digest == present.IndexDigest)
            {
                return new PulledImage { Image = present, IndexDigest = present.IndexDigest, From = DomainOf(request.Reference) };
            }
        }

        (FetchedManifest manifest, FetchedManifest? index) = await FirstAsync(repositories, async repository =>
        {
            from = repository;
            FetchedManifest fetched = await repository.GetManifestAsync(Selector(request.Reference), image, _options.Transfers, cancellation).ConfigureAwait(false);
            return fetched.IsIndex
                ? (await ChooseAsync(repository, fetched, wanted, image, cancellation).ConfigureAwait(false), fetched)
                : (fetched, null);
        }).ConfigureAwait(false);

        RegistryBlobSource source = new([.. repositories.SkipWhile(r => r != from)], _options.Transfers);
        source.Add(manifest.Descriptor, manifest.Content);
        if (index is null)
        {
            await CheckPlatformAsync(manifest, source, wanted, image, cancellation).ConfigureAwait(false);
        }

        StoredImage stored = await AddAsync(store, request.WithoutTag ? request.Reference.ByDigest(manifest.Descriptor.Digest) : request.Reference, manifest, source, index, progress, cancellation).ConfigureAwait(false);
        return new PulledImage
        {
            Image = stored,
            IndexDigest = index?.Descriptor.Digest,
            From = from.Registry,
            TransferredBytes = source.TransferredBytes,
            TransferredLayers = stored.Layers.Select(l => l.Blob.Digest).Distinct().Count(source.HasOpened),
        };
    }

    private static async Task<StoredImage> AddAsync(
        ImageStore store, ImageReference reference, FetchedManifest manifest, RegistryBlobSource source, FetchedManifest? index, IProgress<TransferProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            return await store.AddAsync(reference, manifest.Descriptor, source, index?.Descriptor, progress, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.InvalidArgument && source.TryPreferOthers())
        {
            // A blob was not what its digest says, or could not be unpacked before that was known: another place may have it right.
            // It is asked once.
            return await store.AddAsync(reference, manifest.Descriptor, source, index?.Descriptor, progress, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>An index's manifest for a platform; an index in it is looked into, and no further one.</summary>
    private async Task<FetchedManifest> ChooseAsync(RepositoryConnection repository, FetchedManifest index, Platform wanted, string image, CancellationToken cancellation)
    {
        List<Descriptor> entries = [.. index.Entries(image)];
        Descriptor? chosen = PlatformSelection.Choose(entries, wanted);
        if (chosen is null)
        {
            foreach (Descriptor inner in entries.Where(e => MediaTypes.IsIndex(e.MediaType)).Take(MostNested).ToList())
            {
                FetchedManifest nested = await GetAsync(inner).ConfigureAwait(false);
                entries.AddRange(nested.IsIndex ? nested.Entries(image).Where(e => !MediaTypes.IsIndex(e.MediaType)) : []);
            }

            chosen = PlatformSelection.Choose(entries, wanted)
                ?? throw PlatformSelection.NoneFits(image, wanted, entries.Select(e => e.Platform).OfType<Platform>());
        }

        FetchedManifest manifest = await GetAsync(chosen).ConfigureAwait(false);
        return MediaTypes.IsManifest(manifest.Descriptor.MediaType)
            ? manifest
            : throw QuiltException.Invalid("image", $"the index of {image} calls another index a manifest", "the image is made wrongly; use another tag");

        Task<FetchedManifest> GetAsync(Descriptor descriptor) => repository.GetManifestAsync(descriptor.Digest.ToString(), image, _options.Transfers, cancellation);
    }

    /// <summary>What no index told is in the image's configuration.</summary>
    private static async Task CheckPlatformAsync(FetchedManifest manifest, RegistryBlobSource source, Platform wanted, string image, CancellationToken cancellation)
    {
        Descriptor? config = ImageJson.Read(manifest.Content, ImageJson.Default.ImageManifest, "manifest").Config;
        if (config is not { Size: >= 0 and <= LongestConfig } || config.Digest == default || !MediaTypes.IsConfig(config.MediaType))
        {
            return; // the store says what is wrong with it
        }

        using MemoryStream content = new();
        Stream stream = await source.OpenAsync(config, 0, cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await stream.CopyToAsync(content, cancellation).ConfigureAwait(false);
        }

        if (Digest.Compute(content.ToArray()) != config.Digest)
        {
            return;
        }

        source.Add(config, content.ToArray());
        ImageDocument document = ImageJson.Read(content.ToArray(), ImageJson.Default.ImageDocument, "configuration");
        Platform given = PlatformSelection.Of(document);
        if (!PlatformSelection.Fits(wanted, given))
        {
            throw PlatformSelection.NoneFits(image, wanted, [given]);
        }
    }

    /// <summary>What the store has under the name; one for another platform than is asked for is not it.</summary>
    private static StoredImage? FindPresent(ImageStore store, PullRequest request)
    {
        try
        {
            StoredImage? image = store.TryFind(request.Reference);
            return image is null || (request.Platform is { } wanted && !PlatformSelection.Fits(wanted, PlatformSelection.Of(image.Document))) ? null : image;
        }
        catch (QuiltException)
        {
            return null; // damaged: what is missing of it is pulled
        }
    }
}
