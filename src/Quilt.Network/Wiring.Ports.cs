using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Network;

/// <summary>Ports of the host's that lead to containers.</summary>
public sealed partial class Wiring
{
    private readonly Dictionary<IPEndPoint, PublishedPort> _ports = [];

    // Those of the published that are open: another may have taken a port while no daemon was there.
    private readonly Dictionary<IPEndPoint, PortListener> _listeners = [];

    public IReadOnlyList<PublishedPort> Ports
    {
        get
        {
            lock (_lock)
            {
                return [.. _ports.Values.OrderBy(p => p.Host.Port)];
            }
        }
    }

    /// <summary>Opens a port of the host's. The same one again is no other.</summary>
    /// <param name="asked">Its host port 0: one that is free is chosen.</param>
    /// <param name="tell">Writes what is told of it in the same transaction.</param>
    /// <exception cref="QuiltException">AlreadyExists: somebody has the port; InvalidArgument: the host does not have the address; ResourceExhausted: the pool has no address left. Nothing has changed.</exception>
    public PublishedPort Publish(PublishedPort asked, Action<Database.Writer, PublishedPort> tell)
    {
        lock (_lock)
        {
            if (_ports.TryGetValue(asked.Host, out PublishedPort? known))
            {
                return known.Container == asked.Container && known.Port == asked.Port
                    ? known
                    : throw Taken(asked.Host, $"the container '{_options.NameOf(known.Container) ?? known.Container.Short}'");
            }

            using Rollback rollback = new();
            List<(ContainerId Container, Endpoint Endpoint)> fresh = [];
            Take(asked.Container, fresh, rollback);
            PortListener listener = Listen(asked);
            rollback.OnFailure(listener.Dispose);
            PublishedPort made = asked with { Host = listener.Address };
            _database.Write(writer =>
            {
                foreach ((ContainerId container, Endpoint endpoint) in fresh)
                {
                    writer.Insert(container, endpoint.Number);
                }

                writer.Insert(made);
                tell(writer, made);
            });
            _ports.Add(made.Host, made);
            _listeners.Add(made.Host, listener);
            rollback.Commit();
            return made;
        }
    }

    /// <summary>Closes it, and ends what goes over it.</summary>
    /// <returns>False where it is not published any more.</returns>
    public bool Unpublish(IPEndPoint host, Action<Database.Writer, PublishedPort> tell)
    {
        lock (_lock)
        {
            if (!_ports.TryGetValue(host, out PublishedPort? port))
            {
                return false;
            }

            _database.Write(writer =>
            {
                writer.Delete(port);
                tell(writer, port);
            });
            Close(port);
            return true;
        }
    }

    private void Close(PublishedPort port)
    {
        _ports.Remove(port.Host);
        if (_listeners.Remove(port.Host, out PortListener? listener))
        {
            listener.Dispose();
        }
    }

    /// <summary>Opens those that are published and not open.</summary>
    /// <returns>What stands in the way of the others.</returns>
    private List<string> OpenPorts()
    {
        List<string> lost = [];
        foreach (PublishedPort port in _ports.Values.Where(p => !_listeners.ContainsKey(p.Host)))
        {
            try
            {
                _listeners.Add(port.Host, Listen(port));
            }
            catch (QuiltException e)
            {
                lost.Add(e.Message);
            }
        }

        return lost;
    }

    private PortListener Listen(PublishedPort port)
    {
        try
        {
            return PortListener.Open(port.Host, cancellation => DialAsync(port, cancellation), e => LogNotAccepted(e, port.Host));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw Taken(port.Host, PortHolder.Find(port.Host.Port) ?? "another program");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            throw QuiltException.Invalid("hostIp", $"this host does not have the address {port.Host.Address}", "give one of its own, or leave it out for 127.0.0.1");
        }
    }

    private async Task<Socket?> DialAsync(PublishedPort port, CancellationToken cancellation)
    {
        IPEndPoint inside;
        Socket socket;
        lock (_lock)
        {
            if (!_endpoints.TryGetValue(port.Container, out Endpoint? endpoint))
            {
                return null;
            }

            inside = new IPEndPoint(endpoint.Address, port.Port);
            socket = _fabric.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        }

        try
        {
            await socket.ConnectAsync(inside, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    [LoggerMessage(EventId = 93, Level = LogLevel.Warning, Message = "a connection to the port {Host} could not be taken")]
    private partial void LogNotAccepted(Exception failure, IPEndPoint host);

    private static QuiltException Taken(IPEndPoint host, string holder) =>
        new(ErrorCode.AlreadyExists, $"the port {host} is taken by {holder}", "use another, or 0 for one that is free", "hostPort");
}
