using System.Runtime.InteropServices;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int MoveMountNumber = 429;

    /// <summary>Attaches a detached mount at an open place; no path is walked, so none can be exchanged.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/move_mount.2.html"/>
    public static void MoveMount(FileDescriptor mount, FileDescriptor place)
    {
        const int fromEmptyPath = 0x4, toEmptyPath = 0x40;
        byte empty = 0;
        Check(LibC.syscall(MoveMountNumber, mount.Number, (nint)(&empty), place.Number, (nint)(&empty), fromEmptyPath | toEmptyPath, 0), "move_mount", null);
    }

    /// <summary>mount(2), where no newer call does.</summary>
    /// <param name="flags">MS_*.</param>
    /// <param name="data">Options, at most one page (4096 bytes).</param>
    /// <exception cref="SyscallException">EPERM without CAP_SYS_ADMIN over the mount namespace.</exception>
    public static void Mount(string? source, string target, string? type, ulong flags, string? data = null) =>
        Check(LibC.mount(source, target, type, (nuint)flags, data), "mount", target);

    /// <summary>Takes the mount away; with <paramref name="lazily"/> from sight at once and for good when nobody uses it any more.</summary>
    /// <returns>False where nothing is mounted there.</returns>
    /// <exception cref="SyscallException">EBUSY while something uses it.</exception>
    public static bool Unmount(string target, bool lazily = false)
    {
        const int detach = 2, noFollow = 8;
        if (LibC.umount2(target, noFollow | (lazily ? detach : 0)) >= 0)
        {
            return true;
        }

        return LastErrno() is Errno.EINVAL or Errno.ENOENT ? false : throw SyscallException.Last("umount2", target);
    }

    /// <summary>pivot_root(".", "."): the working directory becomes the root, the old root lies over it, to be unmounted next.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/pivot_root.2.html"/>
    public static void PivotToWorkingDirectory()
    {
        const int onX64 = 155, onArm64 = 41;
        ReadOnlySpan<byte> here = "."u8;
        fixed (byte* path = here)
        {
            int number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? onArm64 : onX64;
            Check(LibC.syscall(number, (nint)path, (nint)path, 0, 0, 0, 0), "pivot_root", ".");
        }
    }
}
