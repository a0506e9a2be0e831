using Quilt.Launch.Plans;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>Opens the host's side of bind mounts as finished, detached mounts; the child only puts them in place.</summary>
internal static class BindMounts
{
    internal static FileDescriptor Open(SetupStep.BindMount bind, FileDescriptor? userNamespace)
    {
        FileDescriptor? mount = null;
        try
        {
            mount = Sys.OpenTreeClone(bind.Source, bind.Recursive);
            if (bind.Propagation is null)
            {
                // The copy of a shared mount is its peer: what is mounted below the one appears below the other.
                Sys.MountSetAttributes(mount, 0, 0, (ulong)Propagation.Private, recursive: bind.Recursive);
            }

            if (bind.Attributes != MountAttributes.None || bind.Clear != MountAttributes.None)
            {
                Sys.MountSetAttributes(mount, (ulong)bind.Attributes, (ulong)bind.Clear, recursive: bind.AttributesRecursive);
            }

            if (bind.IdMap is { } map)
            {
                using FileDescriptor? own = map.UidMappings.Count > 0 ? IdMappings.OpenNamespaceFor(map.UidMappings, map.GidMappings) : null;
                Sys.MountSetAttributes(mount, (ulong)MountAttributes.IdMap, 0, userNamespace: own ?? userNamespace, recursive: map.Recursive);
            }

            return mount;
        }
        catch (SyscallException e)
        {
            mount?.Dispose();
            throw new LaunchException(LaunchStage.BindMount, e.Errno, $"{bind.Describe()} ({e.Call})", e);
        }
    }
}
