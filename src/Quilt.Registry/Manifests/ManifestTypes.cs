using Quilt.Images;

namespace Quilt.Registry;

/// <summary>Media types of manifests, as requests name them.</summary>
internal static class ManifestTypes
{
    internal const string Schema1 = "application/vnd.docker.distribution.manifest.v1+json", Schema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";

    internal static IReadOnlyList<string> Accepted { get; } = [MediaTypes.Index, MediaTypes.DockerIndex, MediaTypes.Manifest, MediaTypes.DockerManifest];
}
