namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int CloseRangeNumber = 436;

    /// <summary>Joins namespaces of the process that a pidfd names, or the one that a /proc/PID/ns file is.</summary>
    /// <exception cref="SyscallException">EINVAL for a user namespace from a process with more than one thread.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/setns.2.html"/>
    public static void JoinNamespaces(FileDescriptor processOrNamespace, NamespaceKind kinds) =>
        Check(LibC.setns(processOrNamespace.Number, (int)kinds), "setns", $"{kinds}");

    /// <summary>Leaves the shared namespaces for new ones; only the calling thread does, but for user and mount, which a thread alone cannot.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/unshare.2.html"/>
    public static void Unshare(NamespaceKind kinds) => Check(LibC.unshare((int)kinds), "unshare", $"{kinds}");

    /// <summary>The calling thread has a root and a working folder of its own from now on: without, it cannot join a mount namespace.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/unshare.2.html">CLONE_FS</seealso>
    public static void UnshareFolders()
    {
        const int cloneFs = 0x200;
        Check(LibC.unshare(cloneFs), "unshare", "CLONE_FS");
    }

    /// <summary>Marks every descriptor from <paramref name="first"/> on to be closed by execve.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/close_range.2.html"/>
    public static void CloseOnExecFrom(int first)
    {
        const int closeOnExec = 4;
        Check(LibC.syscall(CloseRangeNumber, first, unchecked((nint)uint.MaxValue), closeOnExec, 0, 0, 0), "close_range", $"{first}");
    }

    /// <summary>Whether a file is a namespace of that kind (NS_GET_NSTYPE).</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/NS_GET_NSTYPE.2const.html"/>
    public static bool IsNamespace(FileDescriptor file, NamespaceKind kind)
    {
        const nuint getKind = 0xb703;
        return LibC.ioctl(file.Number, getKind, null) == (int)kind;
    }
}
