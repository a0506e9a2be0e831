namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int Unix = 1, StreamOfBytes = 1, SequencedPackets = 5, SocketCloseOnExec = 0x80000;
    private const int MaxFds = 250; // SCM_MAX_FD is 253 (unix(7))

    /// <summary>Two connected AF_UNIX sockets that keep packets apart (SOCK_SEQPACKET).</summary>
    public static (FileDescriptor First, FileDescriptor Second) SocketPair()
    {
        int* pair = stackalloc int[2];
        Check(LibC.socketpair(Unix, SequencedPackets | SocketCloseOnExec, 0, pair), "socketpair", null);
        return (new FileDescriptor(pair[0]), new FileDescriptor(pair[1]));
    }

    /// <summary>Sends one packet with descriptors (SCM_RIGHTS), at most 250 of them.</summary>
    public static void SendWithFds(FileDescriptor socket, ReadOnlySpan<byte> payload, ReadOnlySpan<int> fds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fds.Length, MaxFds);
        byte* control = stackalloc byte[16 + (MaxFds * sizeof(int)) + 8];
        const int noSignal = 0x4000;
        fixed (byte* data = payload)
        {
            IoVector vector = new() { Base = data, Length = payload.Length };
            MessageHeader header = new() { Vectors = &vector, VectorCount = 1 };
            if (fds.Length > 0)
            {
                *(nint*)control = 16 + (fds.Length * sizeof(int));
                ((int*)control)[2] = 1; // SOL_SOCKET
                ((int*)control)[3] = 1; // SCM_RIGHTS
                fds.CopyTo(new Span<int>(control + 16, fds.Length));
                header.Control = control;
                header.ControlLength = (16 + (fds.Length * sizeof(int)) + 7) & ~7;
            }

            Check(LibC.sendmsg(socket.Number, &header, noSignal), "sendmsg", "control socket");
        }
    }

    /// <summary>Receives one packet and at most one descriptor with it. 0 bytes: the other end is gone.</summary>
    public static int ReceiveWithFd(FileDescriptor socket, Span<byte> payload, out FileDescriptor? fd)
    {
        byte* control = stackalloc byte[64];
        const int closeOnExec = 0x40000000;
        fixed (byte* data = payload)
        {
            IoVector vector = new() { Base = data, Length = payload.Length };
            MessageHeader header = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 64 };
            nint count;
            do
            {
                // ECONNRESET: the other side closed without reading all of ours. Told once; what it had said itself is still to come.
                count = LibC.recvmsg(socket.Number, &header, closeOnExec);
            }
            while (count < 0 && LastErrno() is Errno.EINTR or Errno.ECONNRESET);
            fd = null;
            Check(count, "recvmsg", "control socket");
            if (header.ControlLength >= 20 && ((int*)control)[3] == 1)
            {
                fd = new FileDescriptor(*(int*)(control + 16));
            }

            return (int)count;
        }
    }

    /// <summary>Two ends of a pipe.</summary>
    public static (FileDescriptor Read, FileDescriptor Write) Pipe()
    {
        int* ends = stackalloc int[2];
        Check(LibC.pipe2(ends, SocketCloseOnExec), "pipe2", null);
        return (new FileDescriptor(ends[0]), new FileDescriptor(ends[1]));
    }

    /// <summary>A listening AF_UNIX socket. The path may be of any length: the kernel sees it relative to its folder.</summary>
    /// <param name="stream">SOCK_STREAM rather than SOCK_SEQPACKET.</param>
    /// <param name="mode">Permissions, less the umask; null is all but the umask.</param>
    /// <exception cref="SyscallException">EADDRINUSE where the path exists.</exception>
    public static FileDescriptor Listen(string path, bool stream = false, uint? mode = null)
    {
        FileDescriptor socket = NewSocket(stream);
        try
        {
            if (mode is { } permissions)
            {
                // Before there is a name: the name begins with them, less the umask.
                SetPermissions(socket, permissions);
            }

            using FileDescriptor folder = Open(System.IO.Path.GetDirectoryName(path)!, OpenMode.Path);
            WithAddress(folder, System.IO.Path.GetFileName(path), (address, length) =>
            {
                Check(LibC.bind(socket.Number, (byte*)address, length), "bind", path);
                Check(LibC.listen(socket.Number, 64), "listen", path);
            });
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The next connection, non-blocking.</summary>
    /// <exception cref="SyscallException">EMFILE, ENFILE: none could be taken; it waits on.</exception>
    public static FileDescriptor Accept(FileDescriptor listener)
    {
        const int nonBlocking = 0x800;
        int fd;
        do
        {
            fd = LibC.accept4(listener.Number, null, null, SocketCloseOnExec | nonBlocking);
        }
        while (fd < 0 && LastErrno() is Errno.EINTR or Errno.ECONNABORTED);
        return new FileDescriptor((int)Check(fd, "accept4", null));
    }

    /// <summary>Connects to an AF_UNIX socket.</summary>
    /// <param name="stream">SOCK_STREAM rather than SOCK_SEQPACKET.</param>
    /// <exception cref="SyscallException">ENOENT, or ECONNREFUSED where nobody listens.</exception>
    public static FileDescriptor Connect(string path, bool stream = false)
    {
        using SocketAhead ahead = new(System.IO.Path.GetDirectoryName(path)!, stream);
        return ahead.Connect(System.IO.Path.GetFileName(path));
    }

    /// <summary>Connects a socket to a name in a folder.</summary>
    internal static void Connect(FileDescriptor socket, FileDescriptor folder, string name) =>
        WithAddress(folder, name, (address, length) => Check(LibC.connect(socket.Number, (byte*)address, length), "connect", name));

    internal static FileDescriptor NewSocket(bool stream) =>
        new((int)Check(LibC.socket(Unix, (stream ? StreamOfBytes : SequencedPackets) | SocketCloseOnExec, 0), "socket", "AF_UNIX"));

    /// <summary>sun_path holds 108 bytes; a path through our own descriptor of the folder always fits.</summary>
    private static void WithAddress(FileDescriptor folder, string name, Action<nint, uint> use)
    {
        byte* address = stackalloc byte[110];
        new Span<byte>(address, 110).Clear();
        *(ushort*)address = Unix;
        int length = System.Text.Encoding.UTF8.GetBytes($"/proc/self/fd/{folder.Number}/{name}", new Span<byte>(address + 2, 107));
        use((nint)address, (uint)(2 + length + 1));
    }

    /// <summary>Waits until it can be read (a pidfd: until the process has ended); false at the timeout.</summary>
    public static bool WaitReadable(FileDescriptor file, TimeSpan timeout)
    {
        PollFd poll = new() { Fd = file.Number, Events = 1 };
        int result;
        do
        {
            result = LibC.poll(&poll, 1, timeout < TimeSpan.Zero ? -1 : (int)timeout.TotalMilliseconds);
        }
        while (result < 0 && LastErrno() == Errno.EINTR);
        return Check(result, "poll", null) > 0;
    }

    internal static Errno LastErrno() => (Errno)System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
}
