using System.Net.Sockets;

namespace Quilt.Client.Tests;

/// <summary>Speaks HTTP/2 until a first request has come, and breaks off then: with a frame, or without a word.</summary>
internal sealed class BreakingDaemon : IAsyncDisposable
{
    private const int PrefaceBytes = 24, HeadBytes = 9;
    private const byte Headers = 1, Reset = 3, Settings = 4, GoAway = 7;
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"quilt-breaking-{Guid.NewGuid():N}.sock");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _serving;

    /// <param name="frame">Its type; 0: none.</param>
    /// <param name="why">The frame's code of an error (RFC 9113, 7).</param>
    internal BreakingDaemon(byte frame, byte why)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
        _serving = ServeAsync(frame, why);
    }

    internal string Host => $"unix://{_path}";

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _ended.Dispose();
        File.Delete(_path);
    }

    private async Task ServeAsync(byte frame, byte why)
    {
        while (true)
        {
            using Socket socket = await _listener.AcceptAsync(_ended.Token);
            await using NetworkStream stream = new(socket);
            await stream.WriteAsync(Frame(Settings, 0, []), _ended.Token);
            await stream.ReadExactlyAsync(new byte[PrefaceBytes], _ended.Token);
            byte request = await UntilRequestAsync(stream);
            switch (frame)
            {
                case GoAway:
                    await stream.WriteAsync(Frame(GoAway, 0, [0, 0, 0, request, 0, 0, 0, why]), _ended.Token);
                    break;
                case Reset:
                    await stream.WriteAsync(Frame(Reset, request, [0, 0, 0, why]), _ended.Token);
                    break;
                default:
                    break;
            }
        }
    }

    /// <returns>Its stream.</returns>
    private async Task<byte> UntilRequestAsync(NetworkStream stream)
    {
        byte[] head = new byte[HeadBytes];
        do
        {
            await stream.ReadExactlyAsync(head, _ended.Token);
            await stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]], _ended.Token);
        }
        while (head[3] != Headers);
        return head[^1];
    }

    private static byte[] Frame(byte type, byte stream, byte[] payload) => [0, 0, (byte)payload.Length, type, 0, 0, 0, 0, stream, .. payload];
}
