namespace Quilt.Linux;

/// <summary>How much a file system has, in bytes (statfs(2)).</summary>
/// <param name="TotalBytes">Without what the file system needs for itself.</param>
public readonly unsafe record struct DiskSpace(long TotalBytes, long FreeBytes)
{
    public long UsedBytes => TotalBytes - FreeBytes;

    /// <param name="file">Anything open in it.</param>
    public static DiskSpace Of(FileDescriptor file)
    {
        // struct statfs of 64-bit machines begins f_type, f_bsize, f_blocks, f_bfree, f_bavail.
        long* data = stackalloc long[16];
        if (LibC.fstatfs(file.Number, (byte*)data) < 0)
        {
            throw SyscallException.Last("fstatfs");
        }

        return new DiskSpace(data[1] * data[2], data[1] * data[4]);
    }
}
