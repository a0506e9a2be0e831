using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Quilt.Api.V1;
using Quilt.Network;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Questions of a container's to its name server, byte by byte.</summary>
internal static class NameQuestions
{
    internal const int ServerFailure = 2;

    /// <summary>For a name's IPv4 address (RFC 1035).</summary>
    internal static byte[] Of(string name, ushort id = 1)
    {
        byte[] header = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(header, id);
        return [.. header, .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0, 0, 1, 0, 1];
    }

    /// <summary>Which question an answer is to, and how it ended.</summary>
    internal static (ushort Id, int Code) Read(ReadOnlySpan<byte> answer) => (BinaryPrimitives.ReadUInt16BigEndian(answer), answer[3] & 0xf);

    internal static async Task<Socket> ConnectAsync(Container container, SocketType type)
    {
        Socket socket = SocketWithin(container, type);
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(Wiring.NameServer), 53, Cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
