using System.Net.Sockets;

namespace Quilt.Cli.Tests;

/// <summary>A socket that passes on to another, and counts what comes back from there.</summary>
internal sealed class CountingRelay : IDisposable
{
    private const int BufferBytes = 64 << 10;
    private readonly Socket _listening = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _to;
    private long _received;

    internal CountingRelay(string path, string to)
    {
        _to = to;
        _listening.Bind(new UnixDomainSocketEndPoint(path));
        _listening.Listen();
        _ = AcceptAsync();
    }

    internal long Received => Interlocked.Read(ref _received);

    public void Dispose() => _listening.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listening.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await server.ConnectAsync(new UnixDomainSocketEndPoint(_to));
        using (client)
        {
            await Task.WhenAny(PassAsync(client, server, _ => { }), PassAsync(server, client, count => Interlocked.Add(ref _received, count)));
        }
    }

    private static async Task PassAsync(Socket from, Socket to, Action<int> passed)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                passed(count);
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of them has gone, and so the other goes.
        }
    }
}
