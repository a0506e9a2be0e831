using System.Text.Json;

namespace Quilt.Images;

/// <summary>The two documents of an image that is made here; the same layers and document make the same bytes.</summary>
internal sealed record NewImage(Descriptor Manifest, IReadOnlyList<(Descriptor Descriptor, byte[] Content)> Documents)
{
    internal static NewImage Of(ImageDocument document, IReadOnlyList<StoredLayer> layers)
    {
        document = document with { Rootfs = new ImageRootFs { DiffIds = [.. layers.Select(l => l.DiffId)] } };
        return Of(JsonSerializer.SerializeToUtf8Bytes(document, ImageJson.Default.ImageDocument), layers);
    }

    /// <param name="config">As it is to be, byte for byte.</param>
    internal static NewImage Of(byte[] config, IReadOnlyList<StoredLayer> layers)
    {
        ImageManifest manifest = new()
        {
            MediaType = MediaTypes.Manifest,
            Config = Descriptor.Of(MediaTypes.Config, config),
            Layers = [.. layers.Select(l => new Descriptor { MediaType = MediaTypes.ToOci(l.Blob.MediaType), Digest = l.Blob.Digest, Size = l.Blob.Size })],
        };
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(manifest, ImageJson.Default.ImageManifest);
        Descriptor itself = Descriptor.Of(MediaTypes.Manifest, content);
        return new NewImage(itself, [(manifest.Config, config), (itself, content)]);
    }
}
