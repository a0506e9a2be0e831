using System.Net.Sockets;
using CsCheck;
using Quilt.Fuzzing;
using Xunit;

namespace Quilt.Daemon.Tests.Hostile;

/// <summary>Bytes on the daemon's sockets that are no HTTP/2 and no HTTP/1.1, or almost.</summary>
public sealed class HttpTwoTests(HostileDaemon hostile) : IClassFixture<HostileDaemon>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_connection_of_frames_damaged_anywhere_is_answered_and_closed() =>
        hostile.Survives(() => Fuzz.Run(Mutated.Bytes(Conversation()), bytes => Closes(hostile.Daemon.Socket, bytes), iterations: 600));

    [Fact]
    public void A_request_of_http_damaged_anywhere_is_answered_and_closed() => hostile.Survives(() => Fuzz.Run(
        Mutated.Bytes(
            "POST /v1/tools/listContainers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "GET /v1/events?cursor=0&container=x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nLast-Event-ID: 7\r\nQuilt-Timeout: 1s\r\n\r\n"),
        bytes => Closes(Path.Combine(hostile.Daemon.RunDir, "http.sock"), bytes),
        iterations: 600));

    [Fact]
    public void A_connection_has_a_thousand_streams_and_no_more_than_a_client_needs()
    {
        const int most = 1024, id = 3;
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
        socket.Connect(new UnixDomainSocketEndPoint(hostile.Daemon.Socket));
        using NetworkStream stream = new(socket);
        stream.Write([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, [])]);
        byte[] head = new byte[9];
        stream.ReadExactly(head);
        byte[] settings = new byte[head[2]];
        stream.ReadExactly(settings);
        byte[] streams = settings.Chunk(6).Single(s => s[1] == id);
        Assert.Equal((4, most), (head[3], System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(streams.AsSpan(2))));
    }

    /// <summary>Sends it all and no more; then the daemon has to end the connection.</summary>
    private static void Closes(string path, byte[] bytes)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Patience.TotalMilliseconds, SendTimeout = (int)Patience.TotalMilliseconds };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        try
        {
            for (int sent = 0; sent < bytes.Length; sent += socket.Send(bytes, sent, bytes.Length - sent, SocketFlags.None))
            {
            }

            socket.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[16 << 10];
            while (socket.Receive(answer) > 0)
            {
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted or SocketError.NotConnected)
        {
            // Closed, in the less polite way.
        }
    }

    /// <summary>A list of containers asked for over gRPC, and all kinds of frames that a client may send (RFC 9113, RFC 7541).</summary>
    private static byte[] Conversation() =>
    [
        .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
        .. Frame(4, 0, 0, [0, 3, 0, 0, 0, 100, 0, 4, 0, 1, 0, 0]), // SETTINGS
        .. Frame(8, 0, 0, [0, 0, 0xff, 0xff]), // WINDOW_UPDATE
        .. Frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]), // PING
        .. Frame(1, 4, 1, Headers()), // HEADERS
        .. Frame(2, 0, 1, [0, 0, 0, 0, 15]), // PRIORITY
        .. Frame(0, 0, 1, [0, 0, 0, 0, 2]), // DATA, in two: a message's prefix and the message
        .. Frame(0, 1, 1, [8, 1]),
        .. Frame(1, 0, 3, Headers()[..20]), // HEADERS and CONTINUATION
        .. Frame(9, 4, 3, Headers()[20..]),
        .. Frame(3, 0, 3, [0, 0, 0, 8]), // RST_STREAM
        .. Frame(7, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), // GOAWAY
    ];

    private static byte[] Frame(byte type, byte flags, byte stream, byte[] payload) => [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];

    private static byte[] Headers() =>
    [
        0x83, 0x86, // :method POST, :scheme http
        .. Literal(":path", "/quilt.v1.QuiltService/ListContainers"), .. Literal(":authority", "quilt"), .. Literal("content-type", "application/grpc"), .. Literal("te", "trailers"),
        .. Literal("grpc-timeout", "5S"), .. Literal("quilt-session", "s"), .. Literal("idempotency-key", "k"),
    ];

    private static byte[] Literal(string name, string value) => [0, (byte)name.Length, .. System.Text.Encoding.ASCII.GetBytes(name), (byte)value.Length, .. System.Text.Encoding.ASCII.GetBytes(value)];
}
