using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Quilt.Core;
using Quilt.Network;
using Quilt.Storage;
using Quilt.Testing;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>What a UDP port of the host's does with its clients.</summary>
public sealed class UdpPortTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Each_client_gets_its_own_answers_of_any_size(string address)
    {
        using Socket server = Bound();
        using UdpPortListener listener = Open(server, address: address);
        using Socket one = Client(listener), other = Client(listener);
        foreach (int size in (int[])[0, 1, 1400, 60000])
        {
            byte[] asked = new byte[size];
            Random.Shared.NextBytes(asked);
            Assert.Equal(asked, await Echo(one, server, asked));
            Assert.Equal("other", Encoding.ASCII.GetString(await Echo(other, server, "other"u8.ToArray())));
        }

        Assert.Equal(2, listener.Clients);
    }

    [Fact]
    public async Task A_client_that_is_silent_is_forgotten_and_one_that_is_not_stays()
    {
        using Socket server = Bound();
        ManualTime time = new();
        using UdpPortListener listener = Open(server, time);
        using Socket silent = Client(listener), talking = Client(listener);
        await Echo(silent, server, [1]);
        await Echo(talking, server, [1]);
        time.Advance(UdpPortListener.LongestSilence - TimeSpan.FromSeconds(1));
        Assert.Equal(2, listener.Clients);
        await Echo(talking, server, [2]);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, listener.Clients);
        time.Advance(UdpPortListener.LongestSilence - TimeSpan.FromSeconds(2));
        Assert.Equal(1, listener.Clients);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, listener.Clients);
        Assert.Equal([3], await Echo(silent, server, [3]));
        Assert.Equal(1, listener.Clients);
    }

    [Fact]
    public async Task There_are_no_more_clients_than_may_be_and_the_one_silent_for_longest_makes_place()
    {
        using Socket server = Bound();
        List<Socket> clients = [];
        ConcurrentQueue<Socket> inside = [];
        using UdpPortListener listener = Open(server, made: inside.Enqueue);
        try
        {
            for (int i = 0; i < UdpPortListener.MostClients; i++)
            {
                clients.Add(Client(listener));
                await Echo(clients[^1], server, [1]);
            }

            await Echo(clients[0], server, [2]);
            clients.Add(Client(listener));
            await Echo(clients[^1], server, [1]);
            Assert.Equal(UdpPortListener.MostClients, listener.Clients);
            Socket[] all = [.. inside];
            Assert.Throws<ObjectDisposedException>(() => all[1].Available); // not the first: it has just been heard
            Assert.Equal([3], await Echo(clients[0], server, [3]));
            Assert.Equal(all.Length, inside.Count);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task That_nobody_listens_for_a_while_or_cannot_be_reached_ends_nothing()
    {
        Socket server = Bound();
        IPEndPoint place = (IPEndPoint)server.LocalEndPoint!;
        bool unreachable = true, noDescriptor = true;
        ConcurrentQueue<Exception> troubles = [];
        using UdpPortListener listener = UdpPortListener.Open(
            new IPEndPoint(IPAddress.Loopback, 0),
            () =>
            {
                if (noDescriptor)
                {
                    noDescriptor = false;
                    throw new SocketException((int)SocketError.TooManyOpenSockets);
                }

                return unreachable ? null : Connected(place);
            },
            troubles.Enqueue,
            TimeProvider.System);
        using Socket client = Client(listener);
        await client.SendAsync(new byte[] { 1 }, Cancellation);
        await client.SendAsync(new byte[] { 2 }, Cancellation);
        await Until(() => !troubles.IsEmpty);
        unreachable = false;
        await Until(async () =>
        {
            await client.SendAsync(new byte[] { 3 }, Cancellation);
            return listener.Clients == 1;
        });
        server.Dispose();
        for (int i = 0; i < 10; i++)
        {
            await client.SendAsync(new byte[] { 4 }, Cancellation);
        }

        using Socket again = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        again.Bind(place);
        await Until(async () =>
        {
            await client.SendAsync(new byte[] { 5 }, Cancellation);
            return again.Available > 0;
        });
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        SocketReceiveFromResult received = await again.ReceiveFromAsync(new byte[1], from, Cancellation);
        await again.SendToAsync(new byte[] { 6 }, received.RemoteEndPoint, Cancellation);
        byte[] answer = new byte[1];
        Assert.Equal(1, await client.ReceiveAsync(answer, Cancellation));
        Assert.Equal(6, answer[0]);
        Assert.Single(troubles);
    }

    [Fact]
    public async Task Its_end_is_that_of_all_its_sockets_and_nobody_else_may_have_the_port_before()
    {
        using Socket server = Bound();
        ConcurrentQueue<Socket> inside = [];
        UdpPortListener listener = Open(server, made: inside.Enqueue);
        using Socket client = Client(listener);
        IPEndPoint place = listener.Address;
        await Echo(client, server, [1]);
        SocketException taken = Assert.Throws<SocketException>(() => UdpPortListener.Open(place, () => null, _ => { }, TimeProvider.System));
        Assert.Equal(SocketError.AddressAlreadyInUse, taken.SocketErrorCode);
        listener.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Assert.Single(inside).Available);
        await Until(async () =>
        {
            try
            {
                await client.SendAsync(new byte[] { 1 }, Cancellation);
                return false;
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode == SocketError.ConnectionRefused;
            }
        });
        UdpPortListener.Open(place, () => null, _ => { }, TimeProvider.System).Dispose();
    }

    [Fact]
    public void Ports_that_were_bound_before_there_was_udp_are_tcp()
    {
        using TemporaryFolder folder = new();
        using Database database = Database.Open(folder["db"]);
        database.Migrate(NetworkMigrations.Part, [NetworkMigrations.Steps[0]]);
        ContainerId container = ContainerId.New();
        database.Write(writer => writer.Run(
            "INSERT INTO port (host_address, host_port, container, port, owner, created_at) VALUES ('::1', 8080, $container, 80, 'a', 5)", ("$container", container.Value)));
        database.Migrate(NetworkMigrations.Part, NetworkMigrations.Steps);
        PublishedPort before = Assert.Single(NetworkRows.ReadPorts(database));
        Assert.Equal(
            new PublishedPort
            {
                Container = container,
                Port = 80,
                Host = new IPEndPoint(IPAddress.IPv6Loopback, 8080),
                Protocol = TransportProtocol.Tcp,
                Owner = "a",
                CreatedAt = new DateTimeOffset(5, TimeSpan.Zero),
            },
            before);
        PublishedPort other = before with { Protocol = TransportProtocol.Udp };
        database.Write(writer => writer.Insert(other));
        database.Write(writer => writer.Delete(before));
        Assert.Equal(other, Assert.Single(NetworkRows.ReadPorts(database)));
    }

    private static UdpPortListener Open(Socket server, TimeProvider? time = null, Action<Socket>? made = null, string address = "127.0.0.1") => UdpPortListener.Open(
        new IPEndPoint(IPAddress.Parse(address), 0),
        () =>
        {
            Socket inside = Connected((IPEndPoint)server.LocalEndPoint!);
            made?.Invoke(inside);
            return inside;
        },
        e => Assert.Fail(e.ToString()),
        time ?? TimeProvider.System);

    private static Socket Bound()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static Socket Client(UdpPortListener listener) => Connected(listener.Address);

    private static Socket Connected(IPEndPoint to)
    {
        Socket socket = new(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(to);
        return socket;
    }

    /// <summary>What a client gets of a server that sends back what it is sent.</summary>
    private static async Task<byte[]> Echo(Socket client, Socket server, byte[] asked)
    {
        byte[] buffer = new byte[ushort.MaxValue];
        await client.SendAsync(asked, Cancellation);
        SocketReceiveFromResult received = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), Cancellation);
        await server.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, Cancellation);
        return buffer[..await client.ReceiveAsync(buffer, Cancellation)];
    }

    private static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    private static async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
