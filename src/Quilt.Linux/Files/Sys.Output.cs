namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>
    /// Writes all of it to a descriptor that others share with us. Whoever has it too may have made it non-blocking; then we wait
    /// until there is room, as if it were not.
    /// </summary>
    /// <exception cref="SyscallException">EPIPE: nobody reads it any more.</exception>
    public static void WriteShared(FileDescriptor file, ReadOnlySpan<byte> content, string subject)
    {
        while (!content.IsEmpty)
        {
            nint written;
            fixed (byte* data = content)
            {
                written = LibC.write(file.Number, data, content.Length);
            }

            if (written >= 0)
            {
                content = content[(int)written..];
            }
            else if (LastErrno() == Errno.EAGAIN)
            {
                WaitWritable(file);
            }
            else if (LastErrno() != Errno.EINTR)
            {
                throw SyscallException.Last("write", subject);
            }
        }
    }

    /// <summary>read(2) of a descriptor that others share with us, waiting where it is non-blocking; 0 at the end.</summary>
    public static int ReadShared(FileDescriptor file, Span<byte> buffer, string subject)
    {
        while (true)
        {
            fixed (byte* data = buffer)
            {
                nint count = LibC.read(file.Number, data, buffer.Length);
                if (count >= 0)
                {
                    return (int)count;
                }
            }

            switch (LastErrno())
            {
                case Errno.EAGAIN:
                    WaitReadable(file, System.Threading.Timeout.InfiniteTimeSpan);
                    break;
                case Errno.EINTR:
                    break;
                default:
                    throw SyscallException.Last("read", subject);
            }
        }
    }
}
