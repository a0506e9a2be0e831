using Quilt.Core;

namespace Quilt.Images;

/// <summary>Reads an image's documents out of the store, and trusts nothing in them.</summary>
internal sealed class ImageReader(BlobStore blobs, LayerStore layers)
{
    internal const int LongestManifest = 4 << 20, LongestConfig = 8 << 20;

    /// <summary>overlayfs takes 500 lower layers (fs/overlayfs/params.h); images of more than 127 are refused by others too.</summary>
    private const int MostLayers = 400;

    /// <exception cref="QuiltException">Something in it is missing, damaged, or nothing that a container can be made of.</exception>
    internal ImageParts Read(Descriptor descriptor)
    {
        ImageManifest manifest = ReadManifest(descriptor);
        Descriptor config = ConfigOf(manifest);
        ImageDocument document = ImageJson.Read(blobs.ReadDocument(config, LongestConfig), ImageJson.Default.ImageDocument, "configuration");
        IReadOnlyList<Descriptor> layerBlobs = [.. (manifest.Layers ?? []).Select(layer => Sound(layer, "layer"))];
        IReadOnlyList<Digest> diffIds = document.Rootfs?.DiffIds ?? [];
        RefuseNulls(document.Config ?? new ImageDocumentConfig());
        Verify(document, layerBlobs, diffIds);
        return new ImageParts(descriptor, config, document, layerBlobs, diffIds, LayerStore.ChainIds(diffIds));
    }

    internal ImageManifest ReadManifest(Descriptor descriptor)
    {
        RefuseUnlessManifest(descriptor);
        ImageManifest manifest = ImageJson.Read(blobs.ReadDocument(descriptor, LongestManifest), ImageJson.Default.ImageManifest, "manifest");
        return manifest.SchemaVersion == 2 && (manifest.MediaType is null || manifest.MediaType == descriptor.MediaType)
            ? manifest
            : throw Unusable("its manifest says of itself that it is something else");
    }

    internal static void RefuseUnlessManifest(Descriptor descriptor)
    {
        if (!MediaTypes.IsManifest(descriptor.MediaType))
        {
            throw Unusable($"its manifest is a '{Text.Printable(descriptor.MediaType ?? "")}'");
        }
    }

    internal static Descriptor ConfigOf(ImageManifest manifest)
    {
        Descriptor config = Sound(manifest.Config, "configuration");
        return MediaTypes.IsConfig(config.MediaType)
            ? config
            : throw Unusable($"its configuration is a '{Text.Printable(config.MediaType)}', not a container's");
    }

    /// <exception cref="QuiltException">FailedPrecondition where a layer is not unpacked.</exception>
    internal StoredImage ToStored(IndexEntry entry, ImageParts parts)
    {
        if (parts.ChainIds.FirstOrDefault(id => !layers.Contains(id)) is { } missing && missing != default)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"a layer of the image {entry.Reference} is gone from the store", "import or pull the image again");
        }

        IReadOnlyList<StoredLayer> stored =
            [.. parts.Layers.Select((blob, i) => new StoredLayer(blob, parts.DiffIds[i], parts.ChainIds[i], layers.PathOf(parts.ChainIds[i])))];
        return new StoredImage(parts)
        {
            Reference = entry.Reference,
            IsDangling = entry.IsDangling,
            IndexDigest = entry.IndexDigest,
            Layers = stored,
            LayerFolders = [.. stored.Select(l => l.Folder)],
            Config = ImageConfig.From(parts.Document),
        };
    }

    /// <summary>JSON may hold them in any list; nothing that a container is made of is null.</summary>
    internal static void RefuseNulls(ImageDocumentConfig config)
    {
        IEnumerable<string>?[] lists = [config.Env, config.Entrypoint, config.Cmd, config.OnBuild, config.Shell, config.Labels?.Values, config.Healthcheck?.Test];
        if (lists.Any(list => list?.Contains(null!) ?? false))
        {
            throw Unusable("its configuration lists a null");
        }
    }

    private static void Verify(ImageDocument document, IReadOnlyList<Descriptor> layers, IReadOnlyList<Digest> diffIds)
    {
        if (document.Os != "linux")
        {
            throw Unusable($"it is for '{Text.Printable(document.Os ?? "")}', not linux");
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
        descriptor is { Size: >= 0, MediaType: not null } && descriptor.Digest != default
            ? descriptor
            : throw Unusable($"its manifest lacks digest or size of a {what}");

    private static QuiltException Unusable(string why) =>
        new(ErrorCode.InvalidArgument, $"the image cannot be used: {why}", "get an image that is made for Linux containers");
}
