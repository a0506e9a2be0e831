namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int OpenAt2Number = 437;
    private const int LongestPath = 4096;

    /// <summary>openat2(2) with O_CLOEXEC added.</summary>
    /// <exception cref="SyscallException">
    /// EAGAIN where a rename went on meanwhile and the walk through <c>..</c> could not be proven safe; EXDEV where it would
    /// leave; ELOOP at a link that may not be followed; ENOSYS before Linux 5.6.
    /// </exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/openat2.2.html"/>
    public static FileDescriptor OpenAt2(FileDescriptor folder, string path, OpenMode flags, ResolveFlags resolve, uint mode = 0) =>
        TryOpenAt2(folder, path, flags, resolve, mode, out Errno errno) ?? throw new SyscallException("openat2", path, errno);

    /// <summary>As <see cref="OpenAt2"/>; null and the error number where it fails.</summary>
    public static FileDescriptor? TryOpenAt2(FileDescriptor folder, string path, OpenMode flags, ResolveFlags resolve, uint mode, out Errno errno)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            errno = Errno.EINVAL;
            return null;
        }

        errno = Errno.ENAMETOOLONG;
        if (path.Length >= LongestPath)
        {
            return null; // no character is less than a byte
        }

        int most = FileName.MostBytes(path);
        byte* text = stackalloc byte[most + 1];
        int length = FileName.ToBytes(path, new Span<byte>(text, most));
        if (length >= LongestPath)
        {
            return null;
        }

        text[length] = 0;
        int fd = OpenAt2(folder.Number, text, flags, resolve, mode);
        errno = fd < 0 ? LastErrno() : Errno.None;
        return fd < 0 ? null : new FileDescriptor(fd);
    }

    /// <summary>As <see cref="OpenAt2(FileDescriptor, string, OpenMode, ResolveFlags, uint)"/>, of a name that may be any bytes, ended by NUL.</summary>
    /// <returns>The descriptor; negative where it fails, and the error number is the last.</returns>
    internal static int OpenAt2(int folder, byte* path, OpenMode flags, ResolveFlags resolve, uint mode = 0)
    {
        // struct open_how; a mode without O_CREAT or O_TMPFILE is refused.
        ulong* how = stackalloc ulong[3] { (uint)(flags | OpenMode.CloseOnExec).ToKernel(), flags.HasFlag(OpenMode.Create) ? mode : 0, (ulong)resolve };
        nint fd;
        do
        {
            fd = LibC.syscall(OpenAt2Number, folder, (nint)path, (nint)how, 3 * sizeof(ulong), 0, 0);
        }
        while (fd < 0 && LastErrno() == Errno.EINTR);
        return (int)fd;
    }
}
