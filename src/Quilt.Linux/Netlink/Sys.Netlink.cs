namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int Netlink = 16, Raw = 3, NetlinkOptions = 270;

    /// <summary>Makes room for what is sent and what is answered where it is more than the host's limits have (SO_SNDBUFFORCE, SO_RCVBUFFORCE, socket(7)).</summary>
    internal static void SetBuffers(FileDescriptor socket, int sent, int received)
    {
        const int socketLevel = 1, sendBufferForce = 32, receiveBufferForce = 33;
        Check(LibC.setsockopt(socket.Number, socketLevel, sendBufferForce, (byte*)&sent, sizeof(int)), "setsockopt", "SO_SNDBUFFORCE");
        Check(LibC.setsockopt(socket.Number, socketLevel, receiveBufferForce, (byte*)&received, sizeof(int)), "setsockopt", "SO_RCVBUFFORCE");
    }

    /// <summary>A netlink socket (AF_NETLINK) whose errors come with words (NETLINK_EXT_ACK) and without the request (NETLINK_CAP_ACK).</summary>
    internal static FileDescriptor OpenNetlink(NetlinkProtocol protocol)
    {
        const int capAck = 10, extAck = 11, strictCheck = 12;
        FileDescriptor socket = new((int)Check(LibC.socket(Netlink, Raw | SocketCloseOnExec, (int)protocol), "socket", $"AF_NETLINK {protocol}"));
        try
        {
            byte* address = stackalloc byte[12];
            new Span<byte>(address, 12).Clear();
            *(ushort*)address = Netlink;
            Check(LibC.bind(socket.Number, address, 12), "bind", $"AF_NETLINK {protocol}");
            int on = 1;
            foreach (int option in (ReadOnlySpan<int>)[capAck, extAck, strictCheck])
            {
                Check(LibC.setsockopt(socket.Number, NetlinkOptions, option, (byte*)&on, sizeof(int)), "setsockopt", $"AF_NETLINK {protocol}");
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends one packet.</summary>
    internal static void Send(FileDescriptor socket, ReadOnlySpan<byte> payload)
    {
        fixed (byte* data = payload)
        {
            IoVector vector = new() { Base = data, Length = payload.Length };
            MessageHeader header = new() { Vectors = &vector, VectorCount = 1 };
            Check(LibC.sendmsg(socket.Number, &header, 0), "sendmsg", "netlink");
        }
    }

    /// <summary>Receives one packet.</summary>
    /// <exception cref="SyscallException">EMSGSIZE: it is larger than the buffer; ENOBUFS: some were lost.</exception>
    internal static int Receive(FileDescriptor socket, Span<byte> buffer)
    {
        const int truncated = 0x20;
        fixed (byte* data = buffer)
        {
            IoVector vector = new() { Base = data, Length = buffer.Length };
            MessageHeader header = new() { Vectors = &vector, VectorCount = 1 };
            nint count;
            do
            {
                count = LibC.recvmsg(socket.Number, &header, 0);
            }
            while (count < 0 && LastErrno() == Errno.EINTR);
            Check(count, "recvmsg", "netlink");
            return (header.Flags & truncated) == 0 ? (int)count : throw new SyscallException("recvmsg", "netlink", Errno.EMSGSIZE);
        }
    }
}
