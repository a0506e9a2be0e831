namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Moves what is in a pipe at the moment to another file, in the kernel: between two pipes its pages, not copied.</summary>
    /// <param name="from">A pipe's end for reading.</param>
    /// <returns>The bytes that were moved, 0 at the end; -1 where nothing is there, or nothing more fits; null where the other file takes nothing in this way.</returns>
    /// <exception cref="SyscallException">EPIPE: nobody reads it any more; ENOSPC and others.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/splice.2.html"/>
    public static long? TryMove(FileDescriptor from, FileDescriptor to, int length)
    {
        const uint movePages = 1, nonBlocking = 2;
        nint count;
        do
        {
            count = LibC.splice(from.Number, null, to.Number, null, (nuint)length, movePages | nonBlocking);
        }
        while (count < 0 && LastErrno() == Errno.EINTR);
        return count >= 0 ? count : LastErrno() switch
        {
            Errno.EAGAIN => -1,
            Errno.EINVAL => null, // open for appending, or a device that has no such way
            _ => throw SyscallException.Last("splice"),
        };
    }

    /// <summary>How many bytes lie in a pipe (FIONREAD).</summary>
    public static int Waiting(FileDescriptor pipe)
    {
        const uint readable = 0x541B;
        int count = 0;
        Check(LibC.ioctl(pipe.Number, readable, &count), "ioctl FIONREAD", null);
        return count;
    }

    /// <summary>Lets a pipe hold more before who writes to it waits (F_SETPIPE_SZ).</summary>
    /// <returns>False where the kernel does not give so much: it stays as it was.</returns>
    public static bool TrySetCapacity(FileDescriptor pipe, int bytes)
    {
        const int setPipeSize = 1031;
        return LibC.fcntl(pipe.Number, setPipeSize, bytes) >= 0;
    }

    /// <summary>Waits until something can be written to it, or nobody reads it any more.</summary>
    public static void WaitWritable(FileDescriptor file)
    {
        const short writable = 4; // POLLOUT
        Wait(file, writable);
    }

    /// <summary>Waits until nobody reads it any more: for ever where it is no pipe, socket or terminal.</summary>
    public static void WaitUnread(FileDescriptor file) => Wait(file, 0); // POLLERR and POLLHUP come unasked

    private static void Wait(FileDescriptor file, short events)
    {
        PollFd poll = new() { Fd = file.Number, Events = events };
        while (LibC.poll(&poll, 1, -1) < 0 && LastErrno() == Errno.EINTR)
        {
        }
    }
}
