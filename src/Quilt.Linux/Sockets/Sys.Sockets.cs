namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int Unix = 1, SequencedPackets = 5, SocketCloseOnExec = 0x80000;
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
                count = LibC.recvmsg(socket.Number, &header, closeOnExec);
            }
            while (count < 0 && LastErrno() == Errno.EINTR);
            if (count < 0 && LastErrno() == Errno.ECONNRESET)
            {
                count = 0;
            }

            fd = null;
            Check(count, "recvmsg", "control socket");
            if (header.ControlLength >= 20 && ((int*)control)[3] == 1)
            {
                fd = new FileDescriptor(*(int*)(control + 16));
            }

            return (int)count;
        }
    }

    private static Errno LastErrno() => (Errno)System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
}
