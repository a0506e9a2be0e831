namespace Quilt.Images;

/// <summary>Names of an OCI image layout (OCI image-spec, image-layout), of Docker's archives, and of what both write on descriptors.</summary>
internal static class ImageLayout
{
    internal const string MarkerFile = "oci-layout", IndexFile = "index.json", DockerManifestFile = "manifest.json", DockerRepositoriesFile = "repositories";
    internal const string RefNameAnnotation = "org.opencontainers.image.ref.name", FullNameAnnotation = "io.containerd.image.name";
    internal const int LongestDocument = 16 << 20;

    internal static ReadOnlySpan<byte> Marker => """{"imageLayoutVersion":"1.0.0"}"""u8;

    internal static string PathOf(Core.Digest digest) => $"blobs/sha256/{digest.Hex}";
}
