using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Network;

/// <summary>Ports of the host's that lead to containers.</summary>
public sealed partial class Wiring
{
    private readonly Dictionary<(IPEndPoint Host, TransportProtocol Protocol), PublishedPort> _ports = [];

    // Those of the published that are open: another may have taken a port while no daemon was there.
    private readonly Dictionary<(IPEndPoint Host, TransportProtocol Protocol), IPortListener> _listeners = [];

    public IReadOnlyList<PublishedPort> Ports
    {
        get
        {
            lock (_lock)
            {
                return [.. _ports.Values.OrderBy(p => p.Host.Port).ThenBy(p => p.Protocol)];
            }
        }
    }

    /// <summary>Opens a port of the host's. The same one again is no other.</summary>
    /// <param name="asked">Its host port 0: one that is free is chosen.</param>
    /// <param name="tell">Writes what is told of it in the same transaction.</param>
    /// <returns>The port, and whether it is new.</returns>
    /// <exception cref="QuiltException">AlreadyExists: somebody has the port; InvalidArgument: the host does not have the address; ResourceExhausted: the pool has no address left. Nothing has changed.</exception>
    public (PublishedPort Port, bool IsNew) Publish(PublishedPort asked, Action<Database.Writer, PublishedPort> tell)
    {
        // Who has a port is looked for not under the lock: it takes a look at all processes.
        return TryPublish(asked, tell, out PublishedPort? holder) is { } published ? published : throw Taken(asked, holder);
    }

    /// <param name="holder">Who has it, where that is a container.</param>
    /// <returns>Null where somebody has it.</returns>
    private (PublishedPort Port, bool IsNew)? TryPublish(PublishedPort asked, Action<Database.Writer, PublishedPort> tell, out PublishedPort? holder)
    {
        lock (_lock)
        {
            if (_ports.TryGetValue(asked.Key, out holder))
            {
                return holder.Container == asked.Container && holder.Port == asked.Port ? (holder, false) : null;
            }

            AdmitPort(asked.Container);
            using Rollback rollback = new();
            List<(ContainerId Container, Endpoint Endpoint)> fresh = [];
            Take(asked.Container, fresh, rollback);
            if (TryListen(asked, out holder) is not { } listener)
            {
                return null;
            }

            rollback.OnFailure(listener.Dispose);
            PublishedPort made = asked with { Host = listener.Address };
            _database.Write(writer =>
            {
                writer.Insert(fresh);
                writer.Insert(made);
                tell(writer, made);
            });
            _ports.Add(made.Key, made);
            _listeners.Add(made.Key, listener);
            rollback.Commit();
            return (made, true);
        }
    }

    /// <summary>Closes it, and ends what goes over it.</summary>
    /// <returns>False where it is not published any more.</returns>
    public bool Unpublish((IPEndPoint Host, TransportProtocol Protocol) key, Action<Database.Writer, PublishedPort> tell)
    {
        lock (_lock)
        {
            if (!_ports.TryGetValue(key, out PublishedPort? port))
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
        _ports.Remove(port.Key);
        if (_listeners.Remove(port.Key, out IPortListener? listener))
        {
            listener.Dispose();
        }
    }

    /// <summary>Opens those that are published and not open.</summary>
    /// <returns>What stands in the way of the others, to be told without the lock: who has a port is looked for in /proc.</returns>
    private List<Func<string>> OpenPorts()
    {
        List<Func<string>> lost = [];
        foreach (PublishedPort port in _ports.Values.Where(p => !_listeners.ContainsKey(p.Key)))
        {
            try
            {
                if (TryListen(port, out PublishedPort? holder) is { } listener)
                {
                    _listeners.Add(port.Key, listener);
                }
                else
                {
                    lost.Add(() => Taken(port, holder).Message);
                }
            }
            catch (QuiltException e)
            {
                lost.Add(() => e.Message);
            }
        }

        return lost;
    }

    /// <param name="holder">Who has it, where that is a container.</param>
    /// <returns>Null where somebody has it.</returns>
    private IPortListener? TryListen(PublishedPort port, out PublishedPort? holder)
    {
        holder = null;
        try
        {
            return port.Protocol == TransportProtocol.Udp
                ? UdpPortListener.Open(port.Host, () => DialUdp(port), e => LogNotAccepted(e, port.Host, port.Protocol), TimeProvider.System)
                : TcpPortListener.Open(port.Host, ended => DialTcpAsync(port, ended), e => LogNotAccepted(e, port.Host, port.Protocol));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            holder = _ports.Values.FirstOrDefault(p => p.Overlaps(port) && _listeners.ContainsKey(p.Key));
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            throw QuiltException.Invalid("hostIp", $"this host does not have the address {port.Host.Address}", "give one of its own, or leave it out for 127.0.0.1");
        }
        catch (SocketException e)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the host does not let the port {port.Host} ({Upper(port.Protocol)}) be opened: {e.Message}", "use another address or port, or let quiltd have more descriptors (RLIMIT_NOFILE)", "hostIp", e);
        }
    }

    private async Task<Socket?> DialTcpAsync(PublishedPort port, CancellationToken cancellation) =>
        NewInside(port, () => StreamSockets.New(AddressFamily.InterNetwork)) is ({ } socket, { } inside) && await StreamSockets.TryConnectAsync(socket, inside, cancellation).ConfigureAwait(false)
            ? socket
            : null;

    private Socket? DialUdp(PublishedPort port)
    {
        if (NewInside(port, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)) is not ({ } socket, { } inside))
        {
            return null;
        }

        try
        {
            socket.Connect(inside);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose(); // it does not run, so no route leads there
            return null;
        }
    }

    /// <summary>A socket of the fabric's, and where it is to be connected to; nulls where the container has no place there any more.</summary>
    private (Socket? Socket, IPEndPoint? Inside) NewInside(PublishedPort port, Func<Socket> make)
    {
        lock (_lock)
        {
            return _endpoints.TryGetValue(port.Container, out Endpoint? endpoint) ? (_fabric.Run(make), new IPEndPoint(endpoint.Address, port.Port)) : default;
        }
    }

    [LoggerMessage(EventId = 93, Level = LogLevel.Warning, Message = "what came to the port {Host} ({Protocol}) could not be taken")]
    private partial void LogNotAccepted(Exception failure, IPEndPoint host, TransportProtocol protocol);

    /// <summary>Names who has it: a container, or a program of the host's.</summary>
    /// <param name="other">Null: no container.</param>
    private QuiltException Taken(PublishedPort asked, PublishedPort? other)
    {
        string holder = other is not null
            ? $"the container '{NameOf(other.Container)}'"
            : PortHolder.Find(asked.Host.Port, asked.Protocol) ?? "another program";
        return new QuiltException(ErrorCode.AlreadyExists, $"the port {asked.Host} ({Upper(asked.Protocol)}) is taken by {holder}", "use another, or 0 for one that is free", "hostPort");
    }

    private static string Upper(TransportProtocol protocol) => protocol.ToString().ToUpperInvariant();
}
