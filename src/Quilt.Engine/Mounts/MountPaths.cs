using Quilt.Core;
using Quilt.Oci;

namespace Quilt.Engine;

/// <summary>The places in a container where something is mounted, by their paths as they are written.</summary>
internal static class MountPaths
{
    /// <summary>Everything of the container's own.</summary>
    internal static IEnumerable<string> Of(ContainerRecord record) =>
    [
        .. record.Volumes, .. record.VolumeMounts.Select(m => m.Path), .. record.Spec.HostMounts.Select(m => m.Path),
        .. record.Spec.Tmpfs.Select(t => ImageVolumes.Clean(t.Path)), .. record.Spec.Binds.Select(b => ImageVolumes.Clean(b.Path)),
        .. record.Spec.Secrets.Count > 0 ? (string[])[SecretFiles.Folder] : [],
    ];

    /// <exception cref="QuiltException">AlreadyExists: something is mounted there.</exception>
    internal static void RequireFree(ContainerRecord record, string path)
    {
        if (Of(record).Contains(path, StringComparer.Ordinal) || StandardMounts.All.Any(m => m.Destination == path))
        {
            throw new QuiltException(ErrorCode.AlreadyExists, $"something is mounted at '{path}' already", "give another path, or detach what is there", "path");
        }

        if (SecretFiles.Take(record.Spec, path))
        {
            throw QuiltException.Invalid("path", $"'{path}' is where the container's secrets are, and nothing can be mounted there", $"give a path that is not below {SecretFiles.Folder}");
        }
    }

    /// <summary>One that lies below another; null where none does.</summary>
    internal static string? Below(ContainerRecord record, string path) => Of(record).FirstOrDefault(p => PathText.IsBelow(p, path));
}
