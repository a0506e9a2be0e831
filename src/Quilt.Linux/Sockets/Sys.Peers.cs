namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>SO_PEERCRED.</summary>
    /// <exception cref="SyscallException">ENOTCONN and the like from a socket without a peer.</exception>
    public static PeerCredentials Peer(FileDescriptor socket)
    {
        const int socketLevel = 1, peerCredentials = 17;
        int* credentials = stackalloc int[3];
        uint length = 3 * sizeof(int);
        Check(LibC.getsockopt(socket.Number, socketLevel, peerCredentials, credentials, &length), "getsockopt SO_PEERCRED", null);
        return new PeerCredentials(credentials[0], (uint)credentials[1], (uint)credentials[2]);
    }

    /// <summary>Receives one packet, or from a stream what is there, and all descriptors with it, each close-on-exec.</summary>
    /// <param name="fds">Takes them, in the order sent.</param>
    /// <returns>The payload's length; 0: the other end is gone.</returns>
    /// <exception cref="SyscallException">EMFILE where not all descriptors could be taken: those that were are closed.</exception>
    public static int ReceiveWithFds(FileDescriptor socket, Span<byte> payload, List<FileDescriptor> fds)
    {
        const int closeOnExec = 0x40000000, controlTruncated = 8, capacity = 16 + (MaxFds * sizeof(int)) + 8, socketLevel = 1, rights = 1;
        byte* control = stackalloc byte[capacity];
        fixed (byte* data = payload)
        {
            IoVector vector = new() { Base = data, Length = payload.Length };
            MessageHeader header;
            nint count;
            do
            {
                header = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = capacity };
                count = LibC.recvmsg(socket.Number, &header, closeOnExec);
            }
            while (count < 0 && LastErrno() == Errno.EINTR);
            Check(count, "recvmsg", null);

            int first = fds.Count;
            nint at = 0;
            while (at + 16 <= header.ControlLength)
            {
                nint length = *(nint*)(control + at);
                int* head = (int*)(control + at);
                if (length < 16)
                {
                    break;
                }

                if (head[2] == socketLevel && head[3] == rights)
                {
                    for (int i = 0; i < (length - 16) / sizeof(int); i++)
                    {
                        fds.Add(new FileDescriptor(head[4 + i]));
                    }
                }

                at += (length + 7) & ~7;
            }

            if ((header.Flags & controlTruncated) != 0)
            {
                fds.GetRange(first, fds.Count - first).ForEach(fd => fd.Dispose());
                fds.RemoveRange(first, fds.Count - first);
                throw new SyscallException("recvmsg", "descriptors", Errno.EMFILE);
            }

            return (int)count;
        }
    }
}
