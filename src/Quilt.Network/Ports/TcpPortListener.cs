using System.Net;
using System.Net.Sockets;

namespace Quilt.Network;

/// <summary>Carries each connection over one of its own.</summary>
internal sealed class TcpPortListener : IPortListener
{
    private readonly Socket _listener;
    private readonly Func<CancellationToken, Task<Socket?>> _dial;
    private readonly CancellationTokenSource _ended = new();

    private TcpPortListener(Socket listener, Func<CancellationToken, Task<Socket?>> dial) => (_listener, _dial) = (listener, dial);

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <param name="dial">A connection to the container; null: it does not listen.</param>
    /// <param name="troubled">See <see cref="Acceptor"/>.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable or AccessDenied.</exception>
    internal static TcpPortListener Open(IPEndPoint address, Func<CancellationToken, Task<Socket?>> dial, Action<SocketException> troubled)
    {
        TcpPortListener opened = new(StreamSockets.Listen(address), dial);
        _ = Acceptor.RunAsync(opened._listener, opened.PassAsync, troubled, opened._ended.Token);
        return opened;
    }

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Dispose();
    }

    private async Task PassAsync(Socket client)
    {
        Socket? inside = null;
        try
        {
            client.NoDelay = true;
            inside = await _dial(_ended.Token).ConfigureAwait(false);
            if (inside is null)
            {
                Relay.Reset(client);
                return;
            }

            await Relay.RunAsync(client, inside, _ => { }, _ended.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Relay.Reset(client); // one end is gone: so is the other
        }
        finally
        {
            client.Dispose();
            inside?.Dispose();
        }
    }
}
