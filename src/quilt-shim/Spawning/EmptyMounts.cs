using Quilt.Linux;

namespace Quilt.Shim;

/// <summary>
/// A mount namespace whose root is a folder that nobody inside may enter. A container that begins as a copy of it has nothing to leave: what
/// leaving costs otherwise, pivot_root(2), is a look at every process of the host, of which containers are a good part.
/// </summary>
/// <remarks>
/// The kernel lets a user namespace mount a proc and a sysfs only where its mount namespace has them in full already
/// (mount_namespaces(7)), so there are two, out of reach: the folder above them is open to the host's root alone, which no container has, a
/// container's root lies over it, and that can be taken away by none without CAP_SYS_ADMIN. Each container covers a part of both.
/// </remarks>
internal static class EmptyMounts
{
    private const string Own = "/proc/thread-self/ns/mnt", Place = "/dev";

    /// <summary>The calling thread goes back to where it is.</summary>
    /// <returns>
    /// Null where the host does not let us: its root is the initial ramfs, which nobody can leave (pivot_root(2), EINVAL), or we are in a
    /// user namespace that may mount no proc. Containers then leave the mounts that they begin with.
    /// </returns>
    internal static FileDescriptor? TryMake()
    {
        using FileDescriptor home = Sys.Open(Own, OpenMode.ReadOnly);
        Sys.Unshare(NamespaceKind.Mount);
        FileDescriptor made = Sys.Open(Own, OpenMode.ReadOnly);
        try
        {
            Mount("tmpfs", Place, ("mode", "0100"), ("nr_inodes", "3"));
            foreach (string type in (string[])["proc", "sysfs"])
            {
                Sys.MakeDirectory($"{Place}/{type}", 0);
                Mount(type, $"{Place}/{type}", type == "proc" ? [("hidepid", "invisible")] : []);
            }

            using (FileDescriptor root = Sys.Open(Place, OpenMode.Path | OpenMode.Directory))
            {
                Sys.MountSetAttributes(root, MountAttribute.ReadOnly, 0);
            }

            Sys.ChangeFolder(Place);
            Sys.PivotToWorkingDirectory();
            return Sys.Unmount(".", lazily: true) ? made : throw new SyscallException("umount2", ".", Errno.EINVAL);
        }
        catch (SyscallException e)
        {
            Console.Error.WriteLine($"quilt-shim: containers leave the mounts that they begin with, which takes longer: {e.Message}");
            made.Dispose();
            return null;
        }
        finally
        {
            Sys.JoinNamespaces(home, NamespaceKind.Mount);
        }
    }

    private static void Mount(string type, string place, params (string Key, string Value)[] options)
    {
        using FileDescriptor context = Sys.FsOpen(type);
        foreach ((string key, string value) in options)
        {
            Sys.FsConfig(context, key, value);
        }

        using FileDescriptor mount = Sys.FsCreateAndMount(context, 0, type), over = Sys.Open(place, OpenMode.Path | OpenMode.Directory);
        Sys.MoveMount(mount, over);
    }
}
