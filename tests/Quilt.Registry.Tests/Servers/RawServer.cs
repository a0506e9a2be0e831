using System.Net;
using System.Net.Sockets;

namespace Quilt.Registry.Tests.Servers;

/// <summary>Answers whatever it is asked with the same bytes, which need be no HTTP, and hangs up.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private volatile byte[] _answer = [];

    public RawServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>HOST:PORT.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Of the requests from now on.</summary>
    public byte[] Answer
    {
        set => _answer = value;
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                NetworkStream stream = client.GetStream();
                byte[] request = new byte[16 << 10];
                if (await stream.ReadAsync(request) > 0)
                {
                    await stream.WriteAsync(_answer);
                    client.Client.Shutdown(SocketShutdown.Send);
                    while (await stream.ReadAsync(request) > 0)
                    {
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client has heard enough.
        }
    }
}
