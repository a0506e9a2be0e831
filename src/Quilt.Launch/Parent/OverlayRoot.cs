using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch.Parent;

/// <summary>The image's layers, shared unshifted by all containers and idmapped for this one, below its own writable layer.</summary>
internal static class OverlayRoot
{
    private const ulong IdMapAttribute = 0x100000;

    private static readonly KernelVersion TakesDetachedLayers = new(6, 15, 0);
    private static bool? s_wantsAttachedLayers;

    /// <param name="mountPoint">A folder of this container's alone, on which nothing is mounted yet.</param>
    /// <param name="spent">Takes what is of no more use, to be closed when nobody waits: the kernel lets a grace period pass over that.</param>
    /// <param name="rollback">Removes the folders that are made.</param>
    /// <returns>The overlay, detached.</returns>
    internal static FileDescriptor Open(RootLayers root, OciLinux linux, string mountPoint, FileDescriptor? userNamespace, List<FileDescriptor> spent, Rollback rollback)
    {
        if (RootOf(linux, userNamespace is not null) is { } owner)
        {
            MakeMissing(root.Upper, owner, rollback);
            MakeMissing(root.Work, owner, rollback);
        }

        List<FileDescriptor> layers = [];
        foreach (string lower in root.Lowers)
        {
            FileDescriptor layer = Sys.OpenTreeClone(lower, recursive: false);
            layers.Add(layer);
            spent.Add(layer);
            if (userNamespace is not null)
            {
                Sys.MountSetAttributes(layer, IdMapAttribute, 0, userNamespace: userNamespace);
            }
        }

        return (s_wantsAttachedLayers ??= KernelVersion.OfHost() < TakesDetachedLayers)
            ? AssembleAttached(layers, root.Upper, root.Work, mountPoint)
            : Assemble(layers, root.Upper, root.Work);
    }

    /// <summary>Who is root inside; null where nothing says so, as in a user namespace that is another's.</summary>
    private static (uint User, uint Group)? RootOf(OciLinux linux, bool hasUserNamespace) =>
        !hasUserNamespace ? (0, 0)
        : OciIdMapping.HostIdOf(linux.UidMappings, 0) is { } user && OciIdMapping.HostIdOf(linux.GidMappings, 0) is { } group ? (user, group)
        : null;

    private static void MakeMissing(string folder, (uint User, uint Group) owner, Rollback rollback)
    {
        if (Sys.TryMakeDirectory(folder, 0x1ED)) // 0755
        {
            rollback.OnFailure(() => Sys.TryRemoveDirectory(folder, out _));
            Sys.Chown(folder, owner.User, owner.Group);
        }
    }

    /// <summary>
    /// Before Linux 6.15 overlayfs takes a layer only where it is attached in our mount namespace. It makes a private copy of each, so
    /// they are there for this moment alone, one upon the other on the folder that becomes the container's root.
    /// </summary>
    private static FileDescriptor AssembleAttached(List<FileDescriptor> layers, string upper, string work, string mountPoint)
    {
        using Rollback attached = new();
        const OpenMode folder = OpenMode.Path | OpenMode.Directory;
        using FileDescriptor place = Sys.Open(mountPoint, folder | OpenMode.NoFollow), upperFolder = Sys.Open(upper, folder), workFolder = Sys.Open(work, folder);
        foreach (FileDescriptor layer in layers)
        {
            Sys.MoveMount(layer, place);
            attached.OnFailure(() => Sys.Unmount(mountPoint, lazily: true));
        }

        // By descriptor: the layers may hide their paths.
        return Assemble(layers, $"/proc/self/fd/{upperFolder.Number}", $"/proc/self/fd/{workFolder.Number}"); // what is attached goes in any case: it is never committed
    }

    private static FileDescriptor Assemble(List<FileDescriptor> layers, string upper, string work)
    {
        using FileDescriptor overlay = Sys.FsOpen("overlay");
        Sys.FsConfig(overlay, "source", "quilt");
        if (layers.TrueForAll(layer => Sys.TryFsConfigFd(overlay, "lowerdir+", layer)))
        {
            return Mount(overlay, upper, work);
        }

        // Before Linux 6.13 layers can only be named, in a value of 255 bytes; our descriptors have names, which are short where they are.
        return Sys.InFolder("/proc/self/fd", () =>
        {
            Sys.FsConfig(overlay, "lowerdir", string.Join(':', layers.Select(l => l.Number)));
            return Mount(overlay, upper, work);
        });
    }

    private static FileDescriptor Mount(FileDescriptor overlay, string upper, string work)
    {
        Sys.FsConfig(overlay, "upperdir", upper);
        Sys.FsConfig(overlay, "workdir", work);

        // A host may have them on: the upper folder would hold references to what is below it, and be nothing by itself.
        Sys.FsConfig(overlay, "redirect_dir", "off");
        Sys.FsConfig(overlay, "metacopy", "off");
        return Sys.FsCreateAndMount(overlay, 0, "overlay");
    }
}
