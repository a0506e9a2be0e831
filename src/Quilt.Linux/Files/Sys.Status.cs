namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>PROC_SUPER_MAGIC (statfs(2)).</summary>
    public const ulong ProcfsMagic = 0x9FA0;

    /// <summary>CGROUP2_SUPER_MAGIC.</summary>
    public const ulong Cgroup2Magic = 0x63677270;

    /// <summary>TMPFS_MAGIC.</summary>
    public const ulong TmpfsMagic = 0x01021994;

    /// <summary>What an open file is; O_PATH descriptors too, and a link opened with O_NOFOLLOW is itself.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/statx.2.html"/>
    public static FileStatus Status(FileDescriptor file)
    {
        Statx data;
        Check(LibC.statx(file.Number, "", AtEmptyPath, Statx.Basic, (byte*)&data), "statx", null);
        return data.ToStatus();
    }

    /// <summary>What a name in a folder is; a link is itself.</summary>
    public static FileStatus StatusAt(FileDescriptor folder, string name)
    {
        Statx data;
        Check(LibC.statx(folder.Number, name, AtSymlinkNoFollow, Statx.Basic, (byte*)&data), "statx", name);
        return data.ToStatus();
    }

    /// <summary>As <see cref="StatusAt"/>, of a name that may be any bytes, ended by NUL; null where it cannot be told.</summary>
    internal static FileStatus? TryStatusAt(int folder, byte* name)
    {
        Statx data;
        return LibC.statx(folder, name, AtSymlinkNoFollow, Statx.Basic, (byte*)&data) < 0 ? null : data.ToStatus();
    }

    /// <summary>What a path leads to; null where it leads nowhere, or where we may not look.</summary>
    public static FileStatus? TryStatus(string path)
    {
        Statx data;
        return LibC.statx(AtFdCwd, path, 0, Statx.Basic, (byte*)&data) < 0 ? null : data.ToStatus();
    }

    /// <summary>The type number of the file system that holds an open file.</summary>
    public static ulong FilesystemMagic(FileDescriptor file)
    {
        byte* data = stackalloc byte[128];
        Check(LibC.fstatfs(file.Number, data), "fstatfs", null);
        return *(ulong*)data;
    }

    /// <summary>Refuses a file that is not procfs's: a hostile mount may lie over /proc and take what we write there elsewhere.</summary>
    /// <exception cref="SyscallException">EXDEV: it is of another file system.</exception>
    public static void VerifyProcfs(FileDescriptor file, string subject)
    {
        if (FilesystemMagic(file) != ProcfsMagic)
        {
            throw new SyscallException("verify procfs", subject, Errno.EXDEV);
        }
    }
}
