using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

/// <summary>
/// The raw system calls of the code between clone and exec. glibc's wrappers are avoided on purpose: its <c>setuid</c> family
/// signals every thread and would hang in the cloned child. No GC transition happens, so no lock of the runtime is touched.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/syscalls.2.html"/>
internal static unsafe partial class Raw
{
    /// <summary>How long one opening goes on while somebody renames against it.</summary>
    private const int PatienceMillis = 1000;

    [LibraryImport("libc", EntryPoint = "syscall"), SuppressGCTransition]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc"), SuppressGCTransition]
    private static partial int clone(delegate*<void*, int> run, byte* stack, int flags, void* argument, int* parentTid);

    [LibraryImport("libc", EntryPoint = "__errno_location"), SuppressGCTransition]
    private static partial int* errno_location();

    internal static int Errno => *errno_location();

    internal static void SetErrno(int value) => *errno_location() = value;

    internal static nint Call(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0) =>
        syscall(number, a, b, c, d, e, f);

    internal static nint Call(nint number, byte* a, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0) =>
        syscall(number, (nint)a, b, c, d, e, f);

    /// <summary>
    /// A child in our own memory, on the other stack: nothing is copied. What it runs must not return, and who of the two goes on
    /// at the same time as the other must not look at <see cref="Errno"/>.
    /// </summary>
    /// <param name="stack">Its upper end, aligned to 16 bytes.</param>
    /// <param name="pid">The kernel writes the child's number there, before the child runs (CLONE_PARENT_SETTID).</param>
    /// <seealso href="https://man7.org/linux/man-pages/man2/clone.2.html">CLONE_VM</seealso>
    internal static int CloneSharing(delegate*<void*, int> run, byte* stack, int flags, void* argument, int* pid = null) => clone(run, stack, flags, argument, pid);

    internal static nint OpenAt2(int directory, byte* path, ulong flags, ulong mode, ulong resolve)
    {
        OpenHow how = new() { Flags = flags, Mode = mode, Resolve = resolve };
        long deadline = 0;
        while (true)
        {
            nint result = syscall(SyscallNumbers.OpenAt2, directory, (nint)path, (nint)(&how), sizeof(OpenHow), 0, 0);
            if (result >= 0 || Errno != 11)
            {
                return result;
            }

            // EAGAIN: a rename or a mount, anywhere on the machine, raced with a '..'; the kernel asks to try again
            // (openat2(2)). By time, not by count: a neighbour that renames in a loop must not fail our launches.
            long now = MonotonicMillis();
            if (deadline == 0)
            {
                deadline = now + PatienceMillis;
            }
            else if (now > deadline)
            {
                return result;
            }
        }
    }

    private static long MonotonicMillis()
    {
        const int monotonic = 1;
        long* time = stackalloc long[2];
        syscall(SyscallNumbers.ClockGetTime, monotonic, (nint)time, 0, 0, 0, 0);
        return (time[0] * 1000) + (time[1] / 1_000_000);
    }

    internal static nint MountSetAttr(int fd, uint flags, ulong set, ulong clear, ulong propagation)
    {
        MountAttr attr = new() { Set = set, Clear = clear, Propagation = propagation };
        byte empty = 0;
        return syscall(SyscallNumbers.MountSetAttr, fd, (nint)(&empty), (nint)flags, (nint)(&attr), sizeof(MountAttr), 0);
    }

    /// <summary>Attaches the mount behind <paramref name="mount"/> on the file or folder behind <paramref name="target"/>.</summary>
    internal static nint MoveMount(int mount, int target)
    {
        byte empty = 0;
        const int fromEmptyPath = 0x04, toEmptyPath = 0x40;
        return syscall(SyscallNumbers.MoveMount, mount, (nint)(&empty), target, (nint)(&empty), fromEmptyPath | toEmptyPath, 0);
    }

    internal static void Close(int fd) => syscall(SyscallNumbers.Close, fd, 0, 0, 0, 0, 0);

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttr
    {
        internal ulong Set;
        internal ulong Clear;
        internal ulong Propagation;
        internal ulong UserNamespaceFd;
    }
}
