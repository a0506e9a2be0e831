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
}
