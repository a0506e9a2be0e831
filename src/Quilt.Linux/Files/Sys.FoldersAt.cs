namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>mkdirat(2) of one name; whatever exists under it already is left.</summary>
    public static void MakeFolderAt(FileDescriptor folder, string name, uint mode)
    {
        if (LibC.mkdirat(folder.Number, name, mode) < 0 && LastErrno() != Errno.EEXIST)
        {
            throw SyscallException.Last("mkdirat", name);
        }
    }

    /// <summary>openat(2) of one name with O_NOFOLLOW and O_CLOEXEC added.</summary>
    public static FileDescriptor OpenAt(FileDescriptor folder, string name, OpenMode flags, uint mode = 0)
    {
        int fd = LibC.openat(folder.Number, name, (flags | OpenMode.CloseOnExec | OpenMode.NoFollow).ToKernel(), mode);
        return fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("openat", name);
    }
}
