using System.Buffers.Binary;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>Ends a TCP socket of somebody else's, as the kernel's sock_diag lets us (CONFIG_INET_DIAG_DESTROY): its next call fails, also one that waits.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man7/sock_diag.7.html"/>
internal static class SocketDestruction
{
    internal const byte Tcp = 6;

    /// <param name="own">The socket's own address, in the network order.</param>
    internal static NetlinkRequest Destroy(byte[] own, ushort ownPort, byte[] other, ushort otherPort)
    {
        const ushort destroy = 21;
        const int size = 56, ports = 8, ownAddress = 12, otherAddress = 28, cookie = 48;
        byte[] request = new byte[size]; // struct inet_diag_req_v2
        (request[0], request[1]) = (own.Length == 4 ? (byte)2 : (byte)10, Tcp);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), uint.MaxValue); // whatever its state
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(ports), ownPort);
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(ports + sizeof(ushort)), otherPort);
        own.CopyTo(request, ownAddress);
        other.CopyTo(request, otherAddress);
        request.AsSpan(cookie).Fill(0xff); // INET_DIAG_NOCOOKIE
        return new NetlinkRequest(destroy, NetlinkFlags.Acknowledge, request) { Subject = "socket" };
    }
}
