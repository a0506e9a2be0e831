using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>
/// Carries datagrams. Each client, by its address, has a socket of its own that is connected to the container, by which the container tells it from
/// the others and its answers come back; it is a client until nothing has gone either way for a time.
/// </summary>
internal sealed class UdpPortListener : IPortListener
{
    /// <summary>After which a client is forgotten, with its socket.</summary>
    internal static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(90);

    /// <summary>At once: each costs a descriptor. The one that has been silent for longest makes place for another.</summary>
    internal const int MostClients = 1024;
    private const int LargestDatagram = 64 << 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly Socket _listener;
    private readonly Func<Socket?> _dial;
    private readonly Action<Exception> _troubled;
    private readonly TimeProvider _time;
    private readonly ITimer _silence;
    private readonly Lock _lock = new();
    private readonly Dictionary<SocketAddress, LinkedListNode<Client>> _clients = [];

    // The one that has been silent for longest first.
    private readonly LinkedList<Client> _bySilence = new();
    private readonly CancellationTokenSource _ended = new();

    private UdpPortListener(Socket listener, Func<Socket?> dial, Action<Exception> troubled, TimeProvider time)
    {
        (_listener, _dial, _troubled, _time) = (listener, dial, troubled, time);
        _silence = time.CreateTimer(_ => ForgetSilent(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>How many there are.</summary>
    internal int Clients
    {
        get
        {
            lock (_lock)
            {
                return _clients.Count;
            }
        }
    }

    /// <param name="dial">A socket connected to the container; null: it has no link, and what was sent to it is lost.</param>
    /// <param name="troubled">Is told where a datagram could not be taken or a socket not made, such as for want of descriptors.</param>
    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable or AccessDenied.</exception>
    internal static UdpPortListener Open(IPEndPoint address, Func<Socket?> dial, Action<Exception> troubled, TimeProvider time)
    {
        // Nobody else may bind it too: no SO_REUSEADDR.
        Socket listener = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                listener.DualMode = false;
            }

            listener.Bind(address);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        UdpPortListener opened = new(listener, dial, troubled, time);
        _ = opened.ReceiveAsync();
        return opened;
    }

    public void Dispose()
    {
        _ended.Cancel();
        lock (_lock)
        {
            _silence.Dispose();
            _listener.Dispose();
            foreach (Client client in _bySilence)
            {
                client.Inside.Dispose();
            }

            _clients.Clear();
            _bySilence.Clear();
        }
    }

    /// <summary>From whoever sends, each through a socket of its own.</summary>
    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[LargestDatagram];
        SocketAddress from = new(_listener.AddressFamily);
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                int count = await _listener.ReceiveFromAsync(buffer, SocketFlags.None, from, _ended.Token).ConfigureAwait(false);
                if (Find(from) is { } client)
                {
                    await PassAsync(() => client.Inside.SendAsync(buffer.AsMemory(0, count), SocketFlags.None, _ended.Token)).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception e) when (e is SocketException or SyscallException or QuiltException)
            {
                _troubled(e);
                await Task.Delay(Pause, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What the container sends to one client.</summary>
    private async Task AnswerAsync(Client client)
    {
        while (true)
        {
            byte[]? buffer = null;
            try
            {
                // Waits without a buffer: most clients wait.
                await client.Inside.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, _ended.Token).ConfigureAwait(false);
                buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
                int count = await client.Inside.ReceiveAsync(buffer, SocketFlags.None, _ended.Token).ConfigureAwait(false);
                Touch(client);
                await PassAsync(() => _listener.SendToAsync(buffer.AsMemory(0, count), SocketFlags.None, client.Address, _ended.Token)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // An ICMP message, told once: nobody listens there, for now.
            }
            catch (SocketException)
            {
                await Task.Delay(Pause, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                if (buffer is not null)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
    }

    /// <summary>A datagram that cannot be sent is lost, as any may be; the next one is tried again.</summary>
    private static async Task PassAsync(Func<ValueTask<int>> send)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // An ICMP message of one before, no way there, or a client that was just forgotten.
        }
    }

    /// <summary>Whose it is; a new one where nobody has been heard from there. Called by one at a time.</summary>
    private Client? Find(SocketAddress from)
    {
        lock (_lock)
        {
            if (_clients.TryGetValue(from, out LinkedListNode<Client>? known))
            {
                Touch(known.Value);
                return known.Value;
            }
        }

        // Not under the lock: it waits for who has the fabric, and that may be whoever ends us.
        if (_dial() is not { } inside)
        {
            return null;
        }

        SocketAddress address = new(from.Family, from.Size);
        from.Buffer.Span[..from.Size].CopyTo(address.Buffer.Span);
        Client client = new(address, inside);
        lock (_lock)
        {
            if (_ended.IsCancellationRequested)
            {
                inside.Dispose();
                return null;
            }

            if (_clients.Count == MostClients)
            {
                Forget(_bySilence.First!);
            }

            client.HeardAt = _time.GetTimestamp();
            _clients.Add(address, _bySilence.AddLast(client));
            if (_clients.Count == 1)
            {
                _silence.Change(LongestSilence, Timeout.InfiniteTimeSpan);
            }
        }

        _ = AnswerAsync(client);
        return client;
    }

    private void Touch(Client client)
    {
        lock (_lock)
        {
            if (_clients.TryGetValue(client.Address, out LinkedListNode<Client>? node) && node.Value == client)
            {
                client.HeardAt = _time.GetTimestamp();
                _bySilence.Remove(node);
                _bySilence.AddLast(node);
            }
        }
    }

    private void ForgetSilent()
    {
        lock (_lock)
        {
            while (_bySilence.First is { } first)
            {
                TimeSpan left = LongestSilence - _time.GetElapsedTime(first.Value.HeardAt);
                if (left > TimeSpan.Zero)
                {
                    _silence.Change(left, Timeout.InfiniteTimeSpan);
                    return;
                }

                Forget(first);
            }
        }
    }

    private void Forget(LinkedListNode<Client> node)
    {
        _bySilence.Remove(node);
        _clients.Remove(node.Value.Address);
        node.Value.Inside.Dispose();
    }

    private sealed class Client(SocketAddress address, Socket inside)
    {
        internal SocketAddress Address { get; } = address;
        internal Socket Inside { get; } = inside;
        internal long HeardAt { get; set; }
    }
}
