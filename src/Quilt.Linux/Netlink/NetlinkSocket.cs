using System.Buffers.Binary;

namespace Quilt.Linux;

/// <summary>A socket to the kernel's network, of the namespace that it was opened in. One caller at a time.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man7/netlink.7.html"/>
public sealed class NetlinkSocket : IDisposable
{
    private const ushort Error = 2, Done = 3;
    private const int MessageAttribute = 1; // NLMSGERR_ATTR_MSG
    private const ushort HasAttributes = 0x200, IsCapped = 0x100; // NLM_F_ACK_TLVS, NLM_F_CAPPED

    // Of what a socket has room for where nobody changed the host's limits (net.core.wmem_default), the half.
    private const int UsualRoom = 100 << 10;

    // All answers wait for us while we send.
    private const int RoomOfAnswer = 2 << 10;
    private readonly FileDescriptor _socket;
    private readonly byte[] _received = new byte[64 << 10];
    private uint _sequence;

    private NetlinkSocket(FileDescriptor socket) => _socket = socket;

    /// <summary>In the calling thread's network namespace.</summary>
    public static NetlinkSocket Open(NetlinkProtocol protocol) => new(Sys.OpenNetlink(protocol));

    /// <summary>In another network namespace.</summary>
    public static NetlinkSocket Open(NetlinkProtocol protocol, FileDescriptor networkNamespace) => new(NamespaceThread.Run(networkNamespace, () => Sys.OpenNetlink(protocol)));

    /// <summary>Sends them as one, and waits until the kernel has carried all of them out.</summary>
    /// <exception cref="SyscallException">The first that failed. Whether the others were carried out is the protocol's matter.</exception>
    public void Run(params ReadOnlySpan<NetlinkRequest> requests)
    {
        SyscallException? failure = null;
        foreach (SyscallException? failed in Exchange(requests, null))
        {
            failure ??= failed;
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>As <see cref="Run"/>, with each one's own end: null where it was carried out.</summary>
    public IReadOnlyList<SyscallException?> TryRun(params ReadOnlySpan<NetlinkRequest> requests) => Exchange(requests, null);

    /// <summary>All that the kernel answers to one request (NLM_F_DUMP), message by message.</summary>
    /// <param name="answer">Given nlmsg_type, and what follows the header.</param>
    public void Dump(NetlinkRequest request, Answer answer)
    {
        if (Exchange([request], answer)[0] is { } failure)
        {
            throw failure;
        }
    }

    public delegate void Answer(ushort type, ReadOnlySpan<byte> payload);

    public void Dispose() => _socket.Dispose();

    private SyscallException?[] Exchange(ReadOnlySpan<NetlinkRequest> requests, Answer? answer)
    {
        uint first = _sequence + 1;
        using MemoryStream sent = new();
        int awaited = 0;
        foreach (NetlinkRequest request in requests)
        {
            sent.Write(request.Finish(++_sequence));
            awaited += request.IsAnswered ? 1 : 0;
        }

        SyscallException?[] ends = new SyscallException?[requests.Length];
        bool[] ended = new bool[requests.Length];
        int answers = awaited * RoomOfAnswer;
        if (sent.Length > UsualRoom || answers > UsualRoom)
        {
            Sys.SetBuffers(_socket, (int)sent.Length + UsualRoom, answers + UsualRoom);
        }

        Sys.Send(_socket, sent.GetBuffer().AsSpan(0, (int)sent.Length));
        while (awaited > 0)
        {
            ReadOnlySpan<byte> received = _received.AsSpan(0, Sys.Receive(_socket, _received));
            while (!received.IsEmpty)
            {
                NetlinkMessage message = NetlinkMessage.Read(ref received);
                long index = (long)message.Sequence - first;
                if (index < 0 || index >= requests.Length)
                {
                    continue; // the rest of an answer that nobody awaits any more
                }

                if (message.Type is Error or Done)
                {
                    int errno = message.Payload.Length >= sizeof(int) ? -BinaryPrimitives.ReadInt32LittleEndian(message.Payload) : 0;
                    if (errno > 0)
                    {
                        ends[index] ??= new SyscallException("netlink", Told(requests[(int)index], message), (Errno)errno);
                    }

                    // A batch whose frame fails is answered by that alone.
                    awaited -= ended[index] ? 0 : requests[(int)index].IsAnswered ? 1 : awaited;
                    ended[index] = true;
                }
                else
                {
                    answer?.Invoke(message.Type, message.Payload);
                }
            }
        }

        return ends;
    }

    /// <summary>What was asked, and the kernel's own words where it has any (NETLINK_EXT_ACK).</summary>
    private static string? Told(NetlinkRequest request, NetlinkMessage message)
    {
        const int errorSize = sizeof(int) + NetlinkRequest.HeaderSize;
        if ((message.Flags & HasAttributes) == 0 || message.Payload.Length < errorSize)
        {
            return request.Subject;
        }

        int whole = (message.Flags & IsCapped) != 0 ? errorSize : sizeof(int) + (int)BinaryPrimitives.ReadUInt32LittleEndian(message.Payload[sizeof(int)..]);
        if (whole > message.Payload.Length)
        {
            return request.Subject;
        }

        NetlinkAttributes attributes = new(message.Payload[whole..]);
        while (attributes.Next())
        {
            if (attributes.Kind == MessageAttribute)
            {
                return $"{request.Subject}: {attributes.Text}";
            }
        }

        return request.Subject;
    }
}
