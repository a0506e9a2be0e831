namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Where the next content of a file begins, from an offset on; null where there is none up to its end. File systems without holes have content everywhere.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/lseek.2.html"/>
    public static long? NextData(FileDescriptor file, long offset)
    {
        const int seekData = 3, noSuchOffset = 6; // ENXIO
        long found = LibC.lseek(file.Number, offset, seekData);
        return found >= 0 ? found : (int)LastErrno() == noSuchOffset ? null : throw SyscallException.Last("lseek", "SEEK_DATA");
    }

    /// <summary>Where the content that an offset is in ends: at a hole, or at the end of the file.</summary>
    public static long NextHole(FileDescriptor file, long offset)
    {
        const int seekHole = 4;
        return Check((nint)LibC.lseek(file.Number, offset, seekHole), "lseek", "SEEK_HOLE");
    }
}
