namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Copies a file's content with its holes, within the kernel; where the file system can share blocks it does.</summary>
    /// <param name="to">Empty.</param>
    /// <exception cref="SyscallException">ENOSPC, EDQUOT: the disk is full.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/copy_file_range.2.html"/>
    public static void CopyContent(FileDescriptor from, FileDescriptor to)
    {
        const int seekData = 3, seekHole = 4;
        long length = (long)Status(from).SizeBytes;
        Truncate(to, length);
        long at = 0;
        while (at < length)
        {
            at = LibC.lseek(from.Number, at, seekData);
            if (at < 0)
            {
                if (LastErrno() == Errno.ENXIO)
                {
                    return; // the rest is a hole
                }

                throw SyscallException.Last("lseek", "SEEK_DATA");
            }

            long end = LibC.lseek(from.Number, at, seekHole);
            while (at < end)
            {
                long source = at, target = at;
                nint copied = LibC.copy_file_range(from.Number, &source, to.Number, &target, (nint)(end - at), 0);
                if (copied < 0)
                {
                    copied = LastErrno() is Errno.EXDEV or Errno.EINVAL or Errno.EOPNOTSUPP ? CopyByHand(from, to, at, end - at) : throw SyscallException.Last("copy_file_range");
                }

                if (copied == 0)
                {
                    return; // it became shorter meanwhile
                }

                at += copied;
            }
        }
    }

    /// <summary>Between file systems of two kinds the kernel copies nothing itself.</summary>
    private static int CopyByHand(FileDescriptor from, FileDescriptor to, long at, long length)
    {
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(128 << 10);
        try
        {
            int count = RandomAccess.Read(new Microsoft.Win32.SafeHandles.SafeFileHandle(from.Number, ownsHandle: false), buffer.AsSpan(0, (int)Math.Min(buffer.Length, length)), at);
            RandomAccess.Write(new Microsoft.Win32.SafeHandles.SafeFileHandle(to.Number, ownsHandle: false), buffer.AsSpan(0, count), at);
            return count;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
