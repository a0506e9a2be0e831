using System.Net;
using System.Net.Sockets;

namespace Quilt.Network;

/// <summary>Listens on the host, and carries each connection to a container. The host forwards nothing for it, and needs no rule.</summary>
internal sealed class PortListener : IDisposable
{
    private const int Backlog = 1024;
    private static readonly TimeSpan DialPatience = TimeSpan.FromSeconds(10);
    private readonly Socket _listener;
    private readonly Func<Task<Socket?>> _dial;
    private readonly CancellationTokenSource _ended = new();

    private PortListener(Socket listener, Func<Task<Socket?>> dial) => (_listener, _dial) = (listener, dial);

    /// <summary>With the port that was chosen where none was given.</summary>
    internal IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <param name="dial">A connection to the container; null: it does not listen.</param>
    /// <param name="troubled">See <see cref="Acceptor"/>.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable or AccessDenied.</exception>
    internal static PortListener Open(IPEndPoint address, Func<CancellationToken, Task<Socket?>> dial, Action<SocketException> troubled)
    {
        Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                listener.DualMode = false;
            }

            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(address);
            listener.Listen(Backlog);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        PortListener opened = new(listener, async () =>
        {
            using CancellationTokenSource patient = new(DialPatience);
            return await dial(patient.Token).ConfigureAwait(false);
        });
        _ = Acceptor.RunAsync(listener, opened.PassAsync, troubled, opened._ended.Token);
        return opened;
    }

    /// <summary>What goes over it ends.</summary>
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
            inside = await _dial().ConfigureAwait(false);
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
