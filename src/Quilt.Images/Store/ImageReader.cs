using Quilt.Core;

namespace Quilt.Images;

/// <summary>Reads an image's documents out of the store, and trusts nothing in them.</summary>
internal sealed class ImageReader(BlobStore blobs, LayerStore layers)
{
    private const int LongestManifest = 4 << 20, LongestConfig = 8 << 20;

    /// <summary>overlayfs takes 500 lower layers (fs/overlayfs/params.h); images of more than 127 are refused by others too.</summary>
    private const int MostLayers = 400;

    internal ImageParts Read(Descriptor descriptor)
    {
        if (!MediaTypes.IsManifest(descriptor.MediaType))
        {
            throw Unusable($"its manifest is a '{Text.Printable(descriptor.MediaType)}'");
        }

        ImageManifest manifest = ImageJson.Read(blobs.ReadDocument(descriptor, LongestManifest), ImageJson.Default.ImageManifest, "manifest");
        if (manifest.SchemaVersion != 2 || (manifest.MediaType is { } type && type != descriptor.MediaType))
        {
            throw Unusable("its manifest says of itself that it is something else");
        }

        Descriptor config = Sound(manifest.Config, "configuration");
        if (!MediaTypes.IsConfig(config.MediaType))
        {
            throw Unusable($"its configuration is a '{Text.Printable(config.MediaType)}', not a container's");
        }

        ImageDocument document = ImageJson.Read(blobs.ReadDocument(config, LongestConfig), ImageJson.Default.ImageDocument, "configuration");
        IReadOnlyList<Descriptor> layerBlobs = [.. (manifest.Layers ?? []).Select(layer => Sound(layer, "layer"))];
        IReadOnlyList<Digest> diffIds = document.Rootfs?.DiffIds ?? [];
        Verify(document, layerBlobs, diffIds);
        return new ImageParts(descriptor, config, document, layerBlobs, diffIds, LayerStore.ChainIds(diffIds));
    }

    /// <exception cref="QuiltException">FailedPrecondition where a layer is not unpacked.</exception>
    internal StoredImage ToStored(ImageReference reference, ImageParts parts)
    {
        if (parts.ChainIds.FirstOrDefault(id => !layers.Contains(id)) is { } missing && missing != default)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"a layer of the image {reference} is gone from the store", "import or pull the image again");
        }

        return new StoredImage
        {
            Reference = reference,
            Digest = parts.Manifest.Digest,
            LayerFolders = [.. parts.ChainIds.Select(layers.PathOf)],
            Config = ImageConfig.From(parts.Document),
            SizeBytes = parts.Manifest.Size + parts.Config.Size + parts.Layers.Sum(l => l.Size),
            CreatedAt = parts.Document.Created ?? DateTimeOffset.UnixEpoch,
        };
    }

    private static void Verify(ImageDocument document, IReadOnlyList<Descriptor> layers, IReadOnlyList<Digest> diffIds)
    {
        if (document.Os != "linux")
        {
            throw Unusable($"it is for '{Text.Printable(document.Os)}', not linux");
        }

        if (layers.Count != diffIds.Count || layers.Count is 0 or > MostLayers)
        {
            throw Unusable($"its manifest lists {layers.Count} layers and its configuration {diffIds.Count}; both must be the same, from 1 to {MostLayers}");
        }

        if (layers.FirstOrDefault(l => !MediaTypes.IsLayer(l.MediaType)) is { } layer)
        {
            throw Unusable($"a layer is a '{Text.Printable(layer.MediaType)}'");
        }

        if (diffIds.Contains(default))
        {
            throw Unusable("a layer's diff_id is missing");
        }
    }

    private static Descriptor Sound(Descriptor? descriptor, string what) =>
        descriptor is { Size: >= 0 } && descriptor.Digest != default
            ? descriptor
            : throw Unusable($"its manifest lacks digest or size of a {what}");

    private static QuiltException Unusable(string why) =>
        new(ErrorCode.InvalidArgument, $"the image cannot be used: {why}", "get an image that is made for Linux containers");
}
