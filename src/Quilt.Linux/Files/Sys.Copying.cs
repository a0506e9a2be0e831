namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int ShortBytes = 16 << 10;

    /// <summary>Shares a file's blocks with another until one of the two is written to (FICLONE).</summary>
    /// <param name="to">Empty, open for writing.</param>
    /// <returns>False where the file system cannot, or the two are on different ones.</returns>
    /// <seealso href="https://man7.org/linux/man-pages/man2/FICLONE.2const.html"/>
    public static bool TryShareContent(FileDescriptor from, FileDescriptor to)
    {
        const uint clone = 0x4004_9409;
        if (LibC.ioctl(to.Number, clone, (void*)(nint)from.Number) >= 0)
        {
            return true;
        }

        return LastErrno() is Errno.EOPNOTSUPP or Errno.EXDEV or Errno.EINVAL or Errno.ENOTTY or Errno.ENOSYS ? false : throw SyscallException.Last("ioctl FICLONE", null);
    }

    /// <summary>Copies what a file holds, in the kernel, and leaves its holes as holes.</summary>
    /// <param name="status">What <paramref name="from"/> is.</param>
    /// <param name="to">Empty, open for writing.</param>
    /// <returns>The bytes that were copied, without holes.</returns>
    /// <exception cref="SyscallException">ENOSPC, EDQUOT, EIO.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/copy_file_range.2.html"/>
    public static long CopyContent(FileDescriptor from, FileStatus status, FileDescriptor to, CancellationToken cancellation)
    {
        const int seekData = 3, seekHole = 4;
        long sizeBytes = (long)status.SizeBytes;
        if (sizeBytes <= ShortBytes && status.DiskBytes >= status.SizeBytes)
        {
            return CopyShort(from, to, (int)sizeBytes);
        }

        long at = 0, copied = 0;
        while (at < sizeBytes)
        {
            long begin = LibC.lseek(from.Number, at, seekData);
            if (begin < 0 && LastErrno() == Errno.ENXIO)
            {
                break; // nothing but a hole is left
            }

            at = Check((nint)begin, "lseek SEEK_DATA", null);
            long end = Check((nint)LibC.lseek(from.Number, at, seekHole), "lseek SEEK_HOLE", null);
            while (at < end)
            {
                cancellation.ThrowIfCancellationRequested();
                long count = CopyPart(from, to, at, end - at);
                if (count == 0)
                {
                    return copied; // it has become shorter
                }

                (at, copied) = (at + count, copied + count);
            }
        }

        Truncate(to, sizeBytes);
        return copied;
    }

    /// <summary>To have the kernel copy takes longer than that itself.</summary>
    [System.Runtime.CompilerServices.SkipLocalsInit]
    private static long CopyShort(FileDescriptor from, FileDescriptor to, int size)
    {
        byte* content = stackalloc byte[ShortBytes];
        Span<byte> buffer = new(content, size);
        int copied = 0, read;
        while (copied < size && (read = Read(from, buffer[copied..], "copied")) > 0)
        {
            copied += read;
        }

        WriteAll(to, buffer[..copied], "copy");
        return copied;
    }

    private static long CopyPart(FileDescriptor from, FileDescriptor to, long at, long length)
    {
        const int seekSet = 0, most = 64 << 20; // so that who gives up need not wait long
        nuint part = (nuint)Math.Min(length, most);
        long source = at, target = at;
        nint count = LibC.copy_file_range(from.Number, &source, to.Number, &target, part, 0);
        if (count >= 0 || LastErrno() is not (Errno.EXDEV or Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOSYS))
        {
            return Check(count, "copy_file_range", null);
        }

        // Between file systems of different kinds the kernel copies by this call alone.
        source = at;
        Check((nint)LibC.lseek(to.Number, at, seekSet), "lseek", null);
        return Check(LibC.sendfile(to.Number, from.Number, &source, part), "sendfile", null);
    }
}
