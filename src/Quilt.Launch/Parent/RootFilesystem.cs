using Quilt.Core;
using Quilt.Launch.Plans;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch.Parent;

/// <summary>Builds the container's root as a detached mount that no other process can see, before the child takes it.</summary>
internal static class RootFilesystem
{
    private const ulong IdMapAttribute = 0x100000;

    /// <param name="userNamespace">The container's; null where it has none of its own.</param>
    internal static FileDescriptor Open(OciSpec spec, string bundle, FileDescriptor? userNamespace)
    {
        try
        {
            return spec.Annotations.TryGetValue(QuiltAnnotations.Lower, out string? lower)
                ? OpenOverlay(spec.Annotations, lower.Split(':', StringSplitOptions.RemoveEmptyEntries), userNamespace)
                : OpenFolder(Path.GetFullPath(spec.Root!.Path, bundle), spec.Linux?.RootfsPropagation);
        }
        catch (SyscallException e)
        {
            throw new LaunchException(LaunchStage.RootFilesystem, e.Errno, $"open the root filesystem ({e.Call})", e);
        }
    }

    private static FileDescriptor OpenFolder(string path, string? propagation)
    {
        FileDescriptor root = Sys.OpenTreeClone(path, recursive: true);
        try
        {
            // The copy of a shared mount is its peer, unless that is wanted: the host's mounts would come in, and ours go out.
            if (propagation is not ("shared" or "rshared"))
            {
                Propagation kind = propagation is "slave" or "rslave" ? Propagation.Slave : Propagation.Private;
                Sys.MountSetAttributes(root, 0, 0, (ulong)kind, recursive: true);
            }

            return root;
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>The image's layers, shared unshifted by all containers and idmapped for this one, below its own writable layer.</summary>
    private static FileDescriptor OpenOverlay(IReadOnlyDictionary<string, string> annotations, string[] lowers, FileDescriptor? userNamespace)
    {
        if (!annotations.TryGetValue(QuiltAnnotations.Upper, out string? upper) || !annotations.TryGetValue(QuiltAnnotations.Work, out string? work))
        {
            throw QuiltException.Invalid("annotations", $"{QuiltAnnotations.Lower} is given without its writable layer", $"give {QuiltAnnotations.Upper} and {QuiltAnnotations.Work} too");
        }

        List<FileDescriptor> layers = [];
        try
        {
            using FileDescriptor overlay = Sys.FsOpen("overlay");
            foreach (string lower in lowers)
            {
                FileDescriptor layer = Sys.OpenTreeClone(lower, recursive: false);
                layers.Add(layer);
                if (userNamespace is not null)
                {
                    Sys.MountSetAttributes(layer, IdMapAttribute, 0, userNamespace: userNamespace);
                }
            }

            Sys.FsConfig(overlay, "source", "quilt");
            if (!layers.TrueForAll(layer => Sys.TryFsConfigFd(overlay, "lowerdir+", layer)))
            {
                // Before Linux 6.13 a layer can only be named; our descriptor has a name.
                Sys.FsConfig(overlay, "lowerdir", string.Join(':', layers.Select(l => $"/proc/self/fd/{l.Number}")));
            }

            Sys.FsConfig(overlay, "upperdir", upper);
            Sys.FsConfig(overlay, "workdir", work);
            return Sys.FsCreateAndMount(overlay, 0, "overlay");
        }
        finally
        {
            layers.ForEach(l => l.Dispose());
        }
    }
}
