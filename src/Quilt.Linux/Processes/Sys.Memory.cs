namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>A range of our memory that a clone does not copy: the child finds nothing there.</summary>
    /// <param name="length">Bytes; all of the range has to be mapped.</param>
    /// <exception cref="SyscallException">ENOMEM: a part is not mapped.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/madvise.2.html">MADV_DONTFORK</seealso>
    public static void KeepFromChildren(nint address, nint length)
    {
        const int dontFork = 10;
        Check(LibC.madvise(address, length, dontFork), "madvise", "MADV_DONTFORK");
    }

    /// <summary>Memory for a child's stack. Its lowest page is closed: who grows beyond it ends by a signal, and writes to nothing else.</summary>
    /// <param name="length">Bytes, a multiple of the page; only what is touched is taken from the machine.</param>
    /// <returns>Its lower end, for <see cref="UnmapStack"/>.</returns>
    /// <exception cref="SyscallException">ENOMEM.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/mmap.2.html">MAP_STACK</seealso>
    public static nint MapStack(nint length)
    {
        const int none = 0, readWrite = 3, privateAnonymousStack = 0x20022;
        nint lower = LibC.mmap(0, length, readWrite, privateAnonymousStack, -1, 0);
        if (lower == -1)
        {
            throw SyscallException.Last("mmap", $"{length}");
        }

        if (LibC.mprotect(lower, Environment.SystemPageSize, none) < 0)
        {
            SyscallException failure = SyscallException.Last("mprotect", null);
            UnmapStack(lower, length);
            throw failure;
        }

        return lower;
    }

    /// <summary>A page of zeros that we have in common with children of our own memory or a copy of it.</summary>
    /// <returns>For <see cref="UnmapShared"/>.</returns>
    /// <exception cref="SyscallException">ENOMEM.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/mmap.2.html">MAP_SHARED</seealso>
    public static nint MapShared()
    {
        const int readWrite = 3, sharedAnonymous = 0x21;
        nint page = LibC.mmap(0, Environment.SystemPageSize, readWrite, sharedAnonymous, -1, 0);
        return page != -1 ? page : throw SyscallException.Last("mmap", $"{Environment.SystemPageSize}");
    }

    public static void UnmapShared(nint page) => Check(LibC.munmap(page, Environment.SystemPageSize), "munmap", null);

    public static void UnmapStack(nint lower, nint length) => Check(LibC.munmap(lower, length), "munmap", null);
}
