namespace Quilt.Images;

/// <summary>What blobs are (OCI image-spec, media-types; and Docker's older names for the same things).</summary>
public static class MediaTypes
{
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string Layer = "application/vnd.oci.image.layer.v1.tar";
    public const string LayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string LayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    public const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public const string DockerLayerZstd = "application/vnd.docker.image.rootfs.diff.tar.zstd";

    public static bool IsManifest(string type) => type is Manifest or DockerManifest;

    public static bool IsIndex(string type) => type is Index or DockerIndex;

    public static bool IsConfig(string type) => type is Config or DockerConfig;

    /// <summary>A layer's type in a manifest of OCI's, which names no others.</summary>
    public static string ToOci(string layer) => layer switch
    {
        DockerLayer => Layer,
        DockerLayerGzip => LayerGzip,
        DockerLayerZstd => LayerZstd,
        _ => layer,
    };

    /// <summary>Layers that we can unpack. How one is compressed is read from its own first bytes, for the names are often wrong.</summary>
    public static bool IsLayer(string type) =>
        type is Layer or LayerGzip or LayerZstd or DockerLayer or DockerLayerGzip or DockerLayerZstd;
}
