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
            SetAttributes(mount, bind);

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

    private static void SetAttributes(FileDescriptor mount, SetupStep.BindMount bind)
    {
        // The copy of a shared mount is its peer: what is mounted below the one would appear below the other.
        ulong propagation = bind.Propagation is null ? (ulong)Propagation.Private : 0;
        bool attributes = bind.Attributes != MountAttributes.None || bind.Clear != MountAttributes.None;
        if (propagation != 0 && (!attributes || bind.Recursive != bind.AttributesRecursive))
        {
            Sys.MountSetAttributes(mount, 0, 0, propagation, recursive: bind.Recursive);
            propagation = 0;
        }

        if (attributes)
        {
            Sys.MountSetAttributes(mount, (ulong)bind.Attributes, (ulong)bind.Clear, propagation, recursive: bind.AttributesRecursive);
        }
    }
}
