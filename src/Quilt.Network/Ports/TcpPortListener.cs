using System.Net;
using System.Net.Sockets;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>Carries each connection over one of its own.</summary>
internal sealed class TcpPortListener : IPortListener
{
    /// <summary>At once: each costs two descriptors. One more is reset.</summary>
    internal const int MostConnections = 1024;
    private readonly Socket _listener;
    private readonly Func<CancellationToken, Task<Socket?>> _dial;
    private readonly Action<Exception> _troubled;
    private readonly CancellationTokenSource _ended = new();
    private int _connections;

    private TcpPortListener(Socket listener, Func<CancellationToken, Task<Socket?>> dial, Action<Exception> troubled) => (_listener, _dial, _troubled) = (listener, dial, troubled);

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <param name="dial">A connection to the container; null: it does not listen.</param>
    /// <param name="troubled">See <see cref="Acceptor"/>; and where there is no socket to dial with.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable or AccessDenied.</exception>
    internal static TcpPortListener Open(IPEndPoint address, Func<CancellationToken, Task<Socket?>> dial, Action<Exception> troubled)
    {
        TcpPortListener opened = new(StreamSockets.Listen(address), dial, troubled);
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
            if (Interlocked.Increment(ref _connections) > MostConnections)
            {
                Relay.Reset(client);
                return;
            }

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
        catch (Exception e) when (e is SyscallException or QuiltException)
        {
            Relay.Reset(client);
            _troubled(e); // no socket could be made for it
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
            client.Dispose();
            inside?.Dispose();
        }
    }
}
