using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>UDP ports of the host's that lead to containers.</summary>
public sealed class UdpPortTests(DaemonFixture fixture)
{
    private const int Port = 5000;
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task A_udp_port_of_the_host_leads_to_the_container_also_after_the_daemon_ended_and_goes_with_it()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container dns = await daemon.Client.Run();
        using EchoServer server = new(dns);
        JsonElement bound = await daemon.Client.Tool("bindPort", new { container = dns.Id, port = Port, protocol = "udp" });
        int port = bound.GetProperty("hostPort").GetInt32();
        Assert.Equal(("127.0.0.1", "udp"), (bound.Text("hostIp"), bound.Text("protocol")));
        await Echoes(IPAddress.Loopback, port);
        await daemon.KillAsync();
        await daemon.RunAsync();
        await Echoes(IPAddress.Loopback, port);
        JsonElement known = (await daemon.Client.Tool("getContainerNetworkInfo", new { container = dns.Id })).GetProperty("ports")[0];
        Assert.Equal((port, "udp"), (known.GetProperty("hostPort").GetInt32(), known.Text("protocol")));
        Assert.Equal("udp", (await daemon.Client.Tool("getNetworkTopology")).GetProperty("ports")[0].Text("protocol"));

        int six = (await daemon.Client.Tool("bindPort", new { container = dns.Id, port = Port, hostIp = "::1", protocol = "udp" })).GetProperty("hostPort").GetInt32();
        await Echoes(IPAddress.IPv6Loopback, six);
        server.Dispose();
        await daemon.Client.Remove(dns.Id);
        await Refuses(IPAddress.IPv6Loopback, six);
        await Refuses(IPAddress.Loopback, port);
        Assert.Equal("not_found", (await daemon.Client.ToolRefused("unbindPort", new { hostPort = port, protocol = "udp" })).Code);
    }

    [Fact]
    public async Task A_container_that_is_started_again_or_later_is_found_at_the_same_port()
    {
        Container dns = await _client.Create();
        int port = (await _client.Tool("bindPort", new { container = dns.Id, port = Port, protocol = "udp" })).GetProperty("hostPort").GetInt32();
        Assert.Null(await Answer(IPAddress.Loopback, port));
        using Socket client = Client(IPAddress.Loopback, port);
        using (new EchoServer(await _client.Start(dns.Id)))
        {
            await Eventually(async () => await Answer(client) == "hello\n");
        }

        await _client.RestartContainerAsync(new RestartContainerRequest { Container = dns.Id, Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation);
        using (new EchoServer(await _client.Get(dns.Id)))
        {
            await Eventually(async () => await Answer(client) == "hello\n");
        }

        await _client.Remove(dns.Id);
    }

    [Fact]
    public async Task One_number_is_a_port_for_tcp_and_another_for_udp_and_unbinding_one_leaves_the_other()
    {
        (Container web, Container dns) = (await _client.Run(Shell("exec nc -ll -p 5000 -e echo hello")), await _client.Run());
        using EchoServer server = new(dns);
        int port = (await _client.Tool("bindPort", new { container = web.Id, port = Port })).GetProperty("hostPort").GetInt32();
        await _client.Tool("bindPort", new { container = dns.Id, port = Port, hostPort = port, protocol = "udp" });
        await Echoes(IPAddress.Loopback, port);
        await Listens(port);
        await _client.Tool("unbindPort", new { hostPort = port });
        Assert.Equal("not_found", (await _client.ToolRefused("unbindPort", new { hostPort = port })).Code);
        await Echoes(IPAddress.Loopback, port);
        await _client.Tool("bindPort", new { container = web.Id, port = Port, hostPort = port });
        JsonElement unbound = await _client.Tool("unbindPort", new { hostPort = port, protocol = "udp" });
        Assert.Equal((dns.Name, "udp"), (unbound.Text("containerName"), unbound.Text("protocol")));
        await Refuses(IPAddress.Loopback, port);
        await Listens(port);
        server.Dispose();
        await _client.Remove(web.Id);
        await _client.Remove(dns.Id);
    }

    [Fact]
    public async Task A_udp_port_that_somebody_has_is_refused_with_who_it_is_and_other_protocols_are_none()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)other.LocalEndPoint!).Port;
        (Container first, Container second) = (await _client.Create(), await _client.Create());
        ErrorDetail taken = await _client.ToolRefused("bindPort", new { container = first.Id, port = 53, hostPort = port, protocol = "udp" });
        Assert.Equal(("already_exists", "hostPort"), (taken.Code, taken.Field));
        Assert.Contains($"process {Environment.ProcessId}", taken.Message, StringComparison.Ordinal);

        port = (await _client.Tool("bindPort", new { container = first.Id, port = 53, protocol = "udp" })).GetProperty("hostPort").GetInt32();
        foreach (string address in (string[])["127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0"])
        {
            taken = await _client.ToolRefused("bindPort", new { container = second.Id, port = 53, hostPort = port, hostIp = address, protocol = "udp" });
            Assert.Equal("already_exists", taken.Code);
            Assert.Contains($"'{first.Name}'", taken.Message, StringComparison.Ordinal);
        }

        foreach (string tool in (string[])["bindPort", "unbindPort"])
        {
            ErrorDetail none = await _client.ToolRefused(tool, tool == "bindPort" ? new { container = first.Id, port = 53, protocol = "sctp" } : new { hostPort = port, protocol = "sctp" });
            Assert.Equal(("invalid_argument", "protocol"), (none.Code, none.Field));
            Assert.Contains("udp", none.Message + none.Remedy, StringComparison.Ordinal);
        }

        await _client.Remove(first.Id);
        await _client.Remove(second.Id);
    }

    private static Task Echoes(IPAddress address, int port) => Eventually(async () => await Answer(address, port) == "hello\n");

    /// <summary>The host itself says that nobody is there.</summary>
    private static Task Refuses(IPAddress address, int port) => Eventually(async () =>
    {
        using Socket client = Client(address, port);
        try
        {
            await client.SendAsync(new byte[1], Cancellation);
            await client.SendAsync(new byte[1], Cancellation);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
    });

    private static Task Listens(int port) => Eventually(async () =>
    {
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
            using System.IO.StreamReader reader = new(client.GetStream());
            return await reader.ReadToEndAsync(Cancellation) == "hello\n";
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    });

    private static async Task<string?> Answer(IPAddress address, int port)
    {
        using Socket client = Client(address, port);
        return await Answer(client);
    }

    /// <summary>Null where none came soon.</summary>
    private static async Task<string?> Answer(Socket client)
    {
        using CancellationTokenSource soon = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        soon.CancelAfter(TimeSpan.FromMilliseconds(300));
        byte[] buffer = new byte[100];
        try
        {
            await client.SendAsync("hello\n"u8.ToArray(), soon.Token);
            return Encoding.ASCII.GetString(buffer.AsSpan(0, await client.ReceiveAsync(buffer, soon.Token)));
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !Cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    private static Socket Client(IPAddress address, int port)
    {
        Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(address, port);
        return socket;
    }

    /// <summary>Sends back in a container what comes to it: busybox has nothing that speaks UDP.</summary>
    private sealed class EchoServer : IDisposable
    {
        private readonly Socket _socket;

        internal EchoServer(Container container)
        {
            _socket = SocketWithin(container, SocketType.Dgram);
            _socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            _ = RunAsync();
        }

        public void Dispose() => _socket.Dispose();

        private async Task RunAsync()
        {
            byte[] buffer = new byte[100];
            try
            {
                while (true)
                {
                    SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), CancellationToken.None);
                    await _socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, CancellationToken.None);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Disposed of.
            }
        }
    }
}
