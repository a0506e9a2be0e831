namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Reads and writes of the file's open description no longer wait (O_NONBLOCK).</summary>
    public static void SetNonBlocking(FileDescriptor file)
    {
        const int getFlags = 3, setFlags = 4, nonBlocking = 0x800;
        nint flags = Check(LibC.fcntl(file.Number, getFlags, 0), "fcntl F_GETFL", null);
        Check(LibC.fcntl(file.Number, setFlags, flags | nonBlocking), "fcntl F_SETFL", null);
    }

    /// <summary>Another descriptor of the same open description (dup(2)), close-on-exec.</summary>
    public static FileDescriptor Duplicate(FileDescriptor file)
    {
        const int duplicateCloseOnExec = 1030;
        return new FileDescriptor((int)Check(LibC.fcntl(file.Number, duplicateCloseOnExec, 0), "fcntl F_DUPFD_CLOEXEC", null));
    }

    /// <summary>What is there at the moment: -1 where nothing is, 0 at the end. The end of a terminal (EIO) and a reset connection are ends too.</summary>
    public static int TryRead(FileDescriptor file, Span<byte> buffer)
    {
        fixed (byte* data = buffer)
        {
            nint count;
            do
            {
                count = LibC.read(file.Number, data, buffer.Length);
            }
            while (count < 0 && LastErrno() == Errno.EINTR);
            return count >= 0 ? (int)count : LastErrno() switch
            {
                Errno.EAGAIN => -1,
                Errno.EIO or Errno.ECONNRESET => 0,
                _ => throw SyscallException.Last("read"),
            };
        }
    }

    /// <summary>Writes what fits at the moment: 0 where nothing does, -1 where nobody will read it any more.</summary>
    public static int TryWrite(FileDescriptor file, ReadOnlySpan<byte> content)
    {
        fixed (byte* data = content)
        {
            nint count;
            do
            {
                count = LibC.write(file.Number, data, content.Length);
            }
            while (count < 0 && LastErrno() == Errno.EINTR);
            return count >= 0 ? (int)count : LastErrno() switch
            {
                Errno.EAGAIN => 0,
                Errno.EPIPE or Errno.EIO or Errno.ECONNRESET => -1,
                _ => throw SyscallException.Last("write"),
            };
        }
    }
}
