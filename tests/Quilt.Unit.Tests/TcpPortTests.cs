using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Quilt.Network;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>What a TCP port of the host's does with its connections.</summary>
[Collection(AloneCollection.Name)]
public sealed class TcpPortTests
{
    /// <summary>Bytes of room that are less than is said.</summary>
    private const int SoonFull = 64 << 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_is_said_comes_to_the_other_side_also_after_one_has_said_all()
    {
        using Socket server = Listening();
        using TcpPortListener listener = Open(server);
        using Socket client = await Connected(listener.Address), inside = await server.AcceptAsync(Cancellation);
        byte[] said = new byte[1 << 20];
        Random.Shared.NextBytes(said);
        Task<byte[]> heard = ReadToEnd(inside);
        await using (NetworkStream stream = new(client))
        {
            await stream.WriteAsync(said, Cancellation);
        }

        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(said, await heard);
        await inside.SendAsync("bye"u8.ToArray(), Cancellation);
        inside.Shutdown(SocketShutdown.Send);
        Assert.Equal("bye"u8.ToArray(), await ReadToEnd(client));
    }

    [Fact]
    public async Task There_are_no_more_connections_than_may_be_and_one_more_is_reset_until_another_has_ended()
    {
        ConcurrentQueue<TaskCompletionSource<Socket?>> dialled = [];
        using TcpPortListener listener = TcpPortListener.Open(
            new IPEndPoint(IPAddress.Loopback, 0),
            _ =>
            {
                TaskCompletionSource<Socket?> dial = new();
                dialled.Enqueue(dial);
                return dial.Task;
            },
            e => Assert.Fail(e.ToString()));
        List<Socket> clients = [];
        try
        {
            for (int i = 0; i < TcpPortListener.MostConnections; i++)
            {
                clients.Add(await Connected(listener.Address));
            }

            await Until(() => dialled.Count == TcpPortListener.MostConnections);
            await RequireResetAsync(async () =>
            {
                using Socket oneMore = await Connected(listener.Address); // where it does not hear of it here already
                await oneMore.ReceiveAsync(new byte[1], Cancellation);
            });
            Assert.True(dialled.TryPeek(out TaskCompletionSource<Socket?>? first));
            first.SetResult(null);
            await RequireResetAsync(async () => await clients[0].ReceiveAsync(new byte[1], Cancellation));
            clients.Add(await Connected(listener.Address));
            await Until(() => dialled.Count == TcpPortListener.MostConnections + 1);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task Connections_that_wait_take_no_buffers()
    {
        const int many = 400;
        const long buffersOfHalf = many * (64 << 10);
        using Socket server = Listening();
        using TcpPortListener listener = Open(server);
        List<Socket> all = [];
        try
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            for (int i = 0; i < many; i++)
            {
                all.AddRange([await Connected(listener.Address), await server.AcceptAsync(Cancellation)]);
            }

            // Each has said something, and waits again.
            for (int i = 0; i < all.Count; i += 2)
            {
                await all[i].SendAsync(new byte[1], Cancellation);
                Assert.Equal(1, await all[i + 1].ReceiveAsync(new byte[1], Cancellation));
            }

            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, buffersOfHalf);
        }
        finally
        {
            all.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task Connections_whose_other_side_does_not_read_take_no_buffers_and_lose_nothing()
    {
        const int many = 100;
        const long buffersOfHalf = many * (64 << 10) / 2;
        using Socket server = Listening();
        server.ReceiveBufferSize = SoonFull;
        ConcurrentQueue<Socket> dialled = [];
        using TcpPortListener listener = Open(server, dialled.Enqueue);
        List<Socket> all = [];
        try
        {
            byte[] said = new byte[1 << 20];
            Random.Shared.NextBytes(said);
            long before = GC.GetTotalMemory(forceFullCollection: true);
            List<Task> saying = [];
            for (int i = 0; i < many; i++)
            {
                all.AddRange([await Connected(listener.Address, SoonFull), await server.AcceptAsync(Cancellation)]);
                saying.Add(Say(all[^2], said));
            }

            // There is more to come, from who says it or from the kernel, which may have taken all of it by now.
            await Until(() => dialled.Count == many && dialled.All(IsFull));
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, buffersOfHalf);
            for (int i = 0; i < many; i++)
            {
                Assert.Equal(said, await ReadToEnd(all[(2 * i) + 1]));
            }

            await Task.WhenAll(saying);
        }
        finally
        {
            all.ForEach(c => c.Dispose());
        }

        static async Task Say(Socket client, byte[] said)
        {
            for (int sent = 0; sent < said.Length;)
            {
                sent += await client.SendAsync(said.AsMemory(sent), Cancellation);
            }

            client.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>Nothing more can be sent by it.</summary>
    private static bool IsFull(Socket socket) => !socket.Poll(0, SelectMode.SelectWrite);

    private static TcpPortListener Open(Socket server, Action<Socket>? dialled = null) => TcpPortListener.Open(
        new IPEndPoint(IPAddress.Loopback, 0),
        async _ =>
        {
            Socket socket = await Connected((IPEndPoint)server.LocalEndPoint!, dialled is null ? 0 : SoonFull);
            dialled?.Invoke(socket);
            return socket;
        },
        e => Assert.Fail(e.ToString()));

    private static Socket Listening()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    /// <param name="room">For what waits to be sent, in bytes; 0: as much as is usual.</param>
    private static async Task<Socket> Connected(IPEndPoint to, int room = 0)
    {
        Socket socket = new(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (room > 0)
        {
            socket.SendBufferSize = room;
        }

        await socket.ConnectAsync(to, Cancellation);
        return socket;
    }

    private static async Task<byte[]> ReadToEnd(Socket socket)
    {
        byte[] buffer = new byte[64 << 10];
        List<byte> all = [];
        for (int count; (count = await socket.ReceiveAsync(buffer, Cancellation)) > 0;)
        {
            all.AddRange(buffer.AsSpan(0, count));
        }

        return [.. all];
    }

    private static async Task RequireResetAsync(Func<Task> use) => Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(use)).SocketErrorCode);

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
