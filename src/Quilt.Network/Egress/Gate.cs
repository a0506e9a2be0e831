using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>
/// The way out. What the rules let through to the outside ends here, in the fabric's namespace, and goes on from here in the host's: so
/// the host forwards nothing, and needs no rule for it. TCP alone. What goes out is dialled by what was decided, never by what
/// the packet says.
/// </summary>
internal sealed partial class Gate : IDisposable
{
    /// <summary>Known to the rules.</summary>
    internal const int Port = 4;
    private readonly List<Socket> _listeners = [];
    private readonly FabricCalls _calls;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended = new();

    // By edge: what goes over it, to be ended with it.
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Socket, bool>> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Carried> _carried = new(StringComparer.Ordinal);

    private Gate(FabricCalls calls, ILogger logger) => (_calls, _logger) = (calls, logger);

    internal static Gate Open(FabricNamespace fabric, IReadOnlyList<IPAddress> addresses, FabricCalls calls, ILogger logger)
    {
        Gate gate = new(calls, logger);
        foreach (IPAddress address in addresses)
        {
            Socket listener = fabric.Run(() => StreamSockets.Listen(new IPEndPoint(address, Port)));
            gate._listeners.Add(listener);
            _ = Acceptor.RunAsync(listener, gate.PassAsync, gate.LogNotAccepted, gate._ended.Token);
        }

        return gate;
    }

    /// <summary>Bytes over an edge, in both directions.</summary>
    internal ulong CarriedOver(string edge) => _carried.TryGetValue(edge, out Carried? carried) ? (ulong)Interlocked.Read(ref carried.Bytes) : 0;

    /// <summary>Ends all that goes over an edge.</summary>
    internal void Close(string edge)
    {
        _carried.TryRemove(edge, out _);
        if (_open.TryRemove(edge, out ConcurrentDictionary<Socket, bool>? sockets))
        {
            foreach (Socket socket in sockets.Keys)
            {
                Relay.Reset(socket);
            }
        }
    }

    public void Dispose()
    {
        _ended.Cancel();
        foreach (Socket listener in _listeners)
        {
            listener.Dispose();
        }

        foreach (string edge in _open.Keys)
        {
            Close(edge);
        }
    }

    private async Task PassAsync(Socket client)
    {
        Socket? outside = null;
        string? edge = null;
        try
        {
            client.NoDelay = true;
            Passage? passage = client.RemoteEndPoint is IPEndPoint from ? _calls.Decide(from.Address, OriginalDestination(client)) : null;
            if (passage is null)
            {
                Relay.Reset(client);
                return;
            }

            edge = passage.Edge;
            outside = await DialAsync(passage.To).ConfigureAwait(false);
            if (outside is null)
            {
                Relay.Reset(client);
                return;
            }

            ConcurrentDictionary<Socket, bool> open = _open.GetOrAdd(edge, _ => new ConcurrentDictionary<Socket, bool>());
            open[client] = open[outside] = true;

            // Asked when it is among those that severing closes: whichever comes first, it does not outlive its edge.
            if (!_calls.Exists(edge))
            {
                Close(edge);
                return;
            }

            Carried carried = _carried.GetOrAdd(edge, _ => new Carried());
            await Relay.RunAsync(client, outside, bytes => Interlocked.Add(ref carried.Bytes, bytes), _ended.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Relay.Reset(client); // one end is gone: so is the other
        }
        catch (SyscallException e)
        {
            Relay.Reset(client);
            LogNotAccepted(e); // it could not be decided on
        }
        finally
        {
            foreach (Socket? socket in (Socket?[])[client, outside])
            {
                if (socket is not null)
                {
                    if (edge is not null && _open.TryGetValue(edge, out ConcurrentDictionary<Socket, bool>? open))
                    {
                        open.TryRemove(socket, out _);
                    }

                    socket.Dispose();
                }
            }
        }
    }

    private async Task<Socket?> DialAsync(IReadOnlyList<IPEndPoint> to)
    {
        foreach (IPEndPoint address in to)
        {
            Socket socket = StreamSockets.New(address.AddressFamily);
            if (await StreamSockets.TryConnectAsync(socket, address, _ended.Token).ConfigureAwait(false))
            {
                return socket;
            }
        }

        return null;
    }

    /// <summary>What it wanted before the rules sent it here (SO_ORIGINAL_DST).</summary>
    private static IPEndPoint OriginalDestination(Socket client)
    {
        const int ip = 0, ipv6 = 41, originalDestination = 80, portAt = 2;
        bool six = client.AddressFamily == AddressFamily.InterNetworkV6;
        byte[] address = new byte[six ? 28 : 16];
        client.GetRawSocketOption(six ? ipv6 : ip, originalDestination, address);
        return new IPEndPoint(new IPAddress(six ? address[8..24] : address[4..8]), BinaryPrimitives.ReadUInt16BigEndian(address.AsSpan(portAt)));
    }

    private sealed class Carried
    {
        internal long Bytes;
    }

    [LoggerMessage(EventId = 92, Level = LogLevel.Warning, Message = "a connection to the outside could not be taken")]
    private partial void LogNotAccepted(Exception failure);
}
