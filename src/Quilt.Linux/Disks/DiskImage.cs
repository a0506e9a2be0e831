namespace Quilt.Linux;

/// <summary>
/// A file that is an ext4 file system, mounted where nobody sees it but who has the descriptor. Whoever mounts it, and however often,
/// it is one file system on one device; both go with the last mount of it.
/// </summary>
public static unsafe class DiskImage
{
    /// <summary>Blocks of all that we make.</summary>
    public const int BlockBytes = 4096;

    /// <returns>A detached mount, without set-id programs and devices.</returns>
    /// <exception cref="SyscallException">ENOENT: there is no such file; or the kernel has no loop devices, or none are left.</exception>
    public static FileDescriptor Mount(string path)
    {
        using FileDescriptor turn = Lock(path);
        using LoopDevice device = Open(path);
        return Mount(device);
    }

    /// <summary>Makes it larger, also while it is in use. What fails leaves the file system as it was.</summary>
    /// <param name="sizeBytes">At least what it has.</param>
    /// <exception cref="SyscallException">EPERM without CAP_SYS_RESOURCE; EINVAL, EFBIG: it cannot become so large.</exception>
    public static void Grow(string path, long sizeBytes)
    {
        using FileDescriptor turn = Lock(path);
        if ((long)Sys.Status(turn).SizeBytes < sizeBytes)
        {
            Sys.Truncate(turn, sizeBytes); // a file that is longer than what it holds harms nothing
        }

        using LoopDevice device = Open(path);
        device.TakeUpSize();
        using FileDescriptor mount = Mount(device);
        using FileDescriptor root = Sys.OpenAt(mount, ".", OpenMode.ReadOnly | OpenMode.Directory);
        ulong blocks = (ulong)sizeBytes / BlockBytes;
        const nuint resize = 0x40086610; // EXT4_IOC_RESIZE_FS
        if (LibC.ioctl(root.Number, resize, &blocks) < 0)
        {
            throw SyscallException.Last("EXT4_IOC_RESIZE_FS", path);
        }
    }

    private static LoopDevice Open(string path)
    {
        using FileDescriptor file = Sys.Open(path, OpenMode.ReadWrite | OpenMode.NoFollow);
        return LoopDevice.TryFind(file, path) ?? LoopDevice.Make(file);
    }

    private static FileDescriptor Mount(LoopDevice device)
    {
        using FileDescriptor context = Sys.FsOpen("ext4");
        Sys.FsConfig(context, "source", device.Path);
        Sys.FsConfig(context, "discard", null); // what is deleted in it is given back to the disk below
        Sys.FsConfig(context, "noinit_itable", null); // a file's holes are zeros as they are
        return Sys.FsCreateAndMount(context, MountAttribute.NoSuid | MountAttribute.NoDev | MountAttribute.NoAtime, device.Path);
    }

    /// <summary>Two that mount it at once would make two devices, and two file systems, of it. Of an opening of its own: the device keeps the one that it is made of.</summary>
    private static FileDescriptor Lock(string path)
    {
        const int exclusive = 2;
        FileDescriptor file = Sys.Open(path, OpenMode.ReadWrite | OpenMode.NoFollow);
        if (Sys.TryFlock(file, exclusive, out Errno errno))
        {
            return file;
        }

        file.Dispose();
        throw new SyscallException("flock", path, errno);
    }
}
