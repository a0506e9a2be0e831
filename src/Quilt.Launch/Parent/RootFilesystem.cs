using Quilt.Core;
using Quilt.Launch.Plans;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch.Parent;

/// <summary>Builds the container's root as a detached mount that no other process can see, before the child takes it.</summary>
internal static class RootFilesystem
{
    /// <param name="userNamespace">The container's; null where it has none of its own.</param>
    /// <param name="spent">Takes what is to be closed when nobody waits.</param>
    /// <param name="rollback">Removes what is made for it.</param>
    internal static FileDescriptor Open(LaunchRequest request, FileDescriptor? userNamespace, List<FileDescriptor> spent, Rollback rollback)
    {
        OciLinux linux = request.Spec.Linux ?? new OciLinux();
        string folder = Path.GetFullPath(request.Spec.Root!.Path, request.Bundle);
        try
        {
            return request.Layers is { } layers
                ? OverlayRoot.Open(layers, linux, folder, userNamespace, spent, rollback)
                : OpenFolder(folder, linux.RootfsPropagation);
        }
        catch (SyscallException e) when (e is { Call: "mount_setattr", Errno: Errno.EINVAL } && userNamespace is not null)
        {
            throw new LaunchException(LaunchStage.RootFilesystem, e.Errno, "give the image's layers to the container's ids: their file system takes no idmapped mounts; keep the state folder on ext4, XFS or Btrfs", e);
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
}
