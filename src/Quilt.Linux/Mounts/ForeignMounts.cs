using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>
/// Mounts in another mount namespace than ours, such as a running container's. A thread goes there and back with raw calls on open files
/// between, and nothing else: whatever were loaded or looked up by a path meanwhile would be the container's.
/// </summary>
public static unsafe class ForeignMounts
{
    private const int MoveMountNumber = 429;
    private const uint NoFollow = 8, Lazily = 2;

    /// <summary>Attaches a detached mount at a place that was opened in that namespace.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/move_mount.2.html"/>
    public static void Attach(FileDescriptor mountNamespace, FileDescriptor mount, FileDescriptor place)
    {
        const int fromEmptyPath = 0x4, toEmptyPath = 0x40;
        byte empty = 0;
        Errno errno = Within(mountNamespace, new Call(MoveMountNumber, mount.Number, (nint)(&empty), place.Number, (nint)(&empty), fromEmptyPath | toEmptyPath), default);
        if (errno != Errno.None)
        {
            throw new SyscallException("move_mount", null, errno);
        }
    }

    /// <summary>Takes away what is mounted on one name of a folder that was opened in that namespace. No link is followed.</summary>
    /// <param name="lazily">From sight at once, and for good when nobody uses it any more.</param>
    /// <returns>False where nothing is mounted there.</returns>
    /// <exception cref="SyscallException">EBUSY: something uses it.</exception>
    public static bool Detach(FileDescriptor mountNamespace, FileDescriptor folder, string name, bool lazily)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            // By the folder, not by the mount itself: that would be in use by us.
            Errno errno = Within(
                mountNamespace, new Call(Number(81, 50), folder.Number), new Call(Number(166, 39), text, (nint)(NoFollow | (lazily ? Lazily : 0))));
            return errno switch
            {
                Errno.None => true,
                Errno.EINVAL or Errno.ENOENT => false,
                _ => throw new SyscallException("umount2", name, errno),
            };
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    private static Errno Within(FileDescriptor mountNamespace, Call first, Call second) => FileThread.RunAsync(null, () =>
    {
        using FileDescriptor home = Sys.Open("/proc/thread-self/ns/mnt", OpenMode.ReadOnly);
        Sys.UnshareFolders();
        return GoAndReturn(mountNamespace.Number, home.Number, first, second);
    }).GetAwaiter().GetResult();

    /// <summary>Calls only what has been called before, by the one import that is resolved already.</summary>
    private static Errno GoAndReturn(int there, int home, Call first, Call second)
    {
        const nint mounts = (nint)NamespaceKind.Mount;
        nint join = Number(308, 268);
        if (LibC.syscall(join, home, mounts, 0, 0, 0, 0) < 0 || LibC.syscall(join, there, mounts, 0, 0, 0, 0) < 0)
        {
            return (Errno)Marshal.GetLastPInvokeError();
        }

        Errno errno = LibC.syscall(first.Number, first.A, first.B, first.C, first.D, first.E, 0) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        if (errno == Errno.None && second.Number != 0)
        {
            errno = LibC.syscall(second.Number, second.A, second.B, 0, 0, 0, 0) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        }

        LibC.syscall(join, home, mounts, 0, 0, 0, 0);
        return errno;
    }

    private static nint Number(int onX64, int onArm64) => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? onArm64 : onX64;

    private readonly record struct Call(nint Number, nint A = 0, nint B = 0, nint C = 0, nint D = 0, nint E = 0);
}
