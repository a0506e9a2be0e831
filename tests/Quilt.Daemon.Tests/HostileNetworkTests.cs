using System.Net.Sockets;
using System.Text.Json;
using Google.Protobuf;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>A container that may send any frame it likes, and what of that comes anywhere.</summary>
public sealed class HostileNetworkTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_all_the_frames_that_no_edge_and_no_network_allows_none_comes_to_another_container(bool inNetwork)
    {
        using TemporaryFolder folder = new();
        byte[] program = await BuildAsync(folder.Path);
        ContainerSpec raw() => new() { CapAdd = { "NET_RAW" } };
        (Container attacker, Container victim, Container friend) = (await _client.Run(raw()), await _client.Run(raw()), await _client.Run());
        if (inNetwork)
        {
            await _client.Tool("createNetwork", new { name = "frames", policy = "isolated" });
            foreach (Container container in (Container[])[attacker, victim, friend])
            {
                await _client.Tool("connectToNetwork", new { network = "frames", container = container.Id });
            }

            await _client.Tool("exposePort", new { container = victim.Id, port = 9, protocol = "udp" });
        }
        else
        {
            foreach ((Container from, int port) in ((Container, int)[])[(attacker, 9), (friend, 7)])
            {
                await _client.Tool("establishConnection", new { from = from.Id, to = victim.Id, port, protocol = "udp" });
            }
        }

        await InstallAsync(victim, program);
        await InstallAsync(attacker, program);
        string listening = (await _client.Tool("execInContainer", new { container = victim.Id, command = new[] { "/tmp/frames", "listen", "eth0" }, background = true })).Text("execId");
        await Eventually(async () => (await Output(listening)).SequenceEqual(["listening"]));
        string hardware = (await _client.Exec(victim.Id, "cat /sys/class/net/eth0/address")).Stdout.Trim();
        (JsonElement own, JsonElement its, JsonElement friends) = (await Place(attacker), await Place(victim), await Place(friend));
        (int code, string output, string errors) = await _client.Exec(
            attacker.Id,
            $"/tmp/frames send eth0 {own.Text("address")} {its.Text("address")} {friends.Text("address")} {own.Text("address6")} {its.Text("address6")} {friends.Text("address6")} {hardware}");
        Assert.Equal((0, ""), (code, output + errors));
        await Eventually(async () => (await Output(listening)).Contains("done"));
        Assert.Equal(["listening", "done"], await Output(listening));

        // Who was lied about is found all the same.
        await _client.Tool("establishConnection", new { from = friend.Id, to = victim.Id, port = 8080 });
        await _client.Exec(victim.Id, "nc -ll -p 8080 -e echo here >/dev/null 2>&1 & sleep 0.1");
        await Eventually(async () => (await _client.Exec(friend.Id, $"nc -w 5 {(await Info(victim)).Text("address")} 8080")).Stdout == "here\n");
        foreach (Container container in (Container[])[attacker, victim, friend])
        {
            await _client.Remove(container.Id);
        }

        if (inNetwork)
        {
            await _client.Tool("removeNetwork", new { network = "frames" });
        }

        async Task<JsonElement> Place(Container container) => await Info(container) is var info && inNetwork ? info.GetProperty("networks")[0] : info;
    }

    [Fact]
    public async Task A_container_that_begins_flows_without_end_takes_no_place_from_others()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        using TemporaryFolder folder = new();
        string[] networks = ["crowded", "also-crowded"]; // in each it has another address
        foreach (string name in networks)
        {
            await daemon.Client.Tool("createNetwork", new { name });
        }

        ContainerSpec spec() => new() { Networks = { networks } };
        (Container attacker, Container victim) = (await daemon.Client.Run(spec()), await daemon.Client.Run(spec()));
        (Container web, Container db) = (await daemon.Client.Run(), await daemon.Client.Run(Shell("while true; do echo hello | nc -l -p 5432; done")));
        string address = (await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 5432 })).GetProperty("connection").Text("address");
        await InstallAsync(daemon.Client, attacker, await BuildAsync(folder.Path));
        foreach (JsonElement place in (await daemon.Client.Tool("getContainerNetworkInfo", new { container = victim.Id })).GetProperty("networks").EnumerateArray())
        {
            Assert.Equal(0, (await daemon.Client.Exec(attacker.Id, $"/tmp/frames flood {place.Text("address")}")).ExitCode);
        }

        using FileDescriptor fabric = TestFabric.OpenFabric(daemon.RunDir);
        int flows = NamespaceThread.Run(fabric, () => int.Parse(File.ReadAllText("/proc/sys/net/netfilter/nf_conntrack_count"), System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(flows, 8000, 8400);
        await Eventually(async () => (await daemon.Client.Exec(web.Id, $"nc -w 5 {address} 5432")).Stdout == "hello\n");
    }

    [Fact]
    public async Task A_container_that_asks_for_names_without_end_is_not_heard_also_where_it_asks_from_one_port()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        (Container attacker, Container other) = (await daemon.Client.Run(), await daemon.Client.Run());
        await daemon.Client.Tool("establishConnection", new { from = attacker.Id, to = other.Id, port = 80 });
        using Socket asker = await NameQuestions.ConnectAsync(attacker, SocketType.Dgram);
        await asker.SendAsync(Question, Cancellation);
        Assert.True(await asker.ReceiveAsync(new byte[512], Cancellation) >= Question.Length); // the flow has its answer
        for (int i = 0; i < 20_000; i++)
        {
            await asker.SendAsync(Question, Cancellation);
        }

        // So many in a second, and as many at once; the rest of what was sent is refused.
        string told = await daemon.Nft("list", "counter", "inet", "quilt", "refused");
        Assert.InRange(int.Parse(told.Split("packets ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), 20_000 / 4, 21_000);
    }

    [Fact]
    public async Task A_container_has_so_many_connections_to_the_name_server_and_those_that_ask_nothing_end()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        (Container attacker, Container other) = (await daemon.Client.Run(), await daemon.Client.Run());
        await daemon.Client.Tool("establishConnection", new { from = attacker.Id, to = other.Id, port = 80, alias = "target" });
        List<Socket> all = [];
        try
        {
            for (int i = 0; i < 32; i++)
            {
                all.Add(await NameQuestions.ConnectAsync(attacker, SocketType.Stream));
            }

            Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => NameQuestions.ConnectAsync(attacker, SocketType.Stream))).SocketErrorCode);
            using (Socket others = await NameQuestions.ConnectAsync(other, SocketType.Stream))
            {
                // One after the other, also where they come at once, and also after it was said that there are no more.
                byte[] asked = [0, (byte)Question.Length, .. Question], answers = new byte[512];
                await others.SendAsync(new byte[][] { asked, asked, asked }.SelectMany(a => a).ToArray(), Cancellation);
                others.Shutdown(SocketShutdown.Send);
                int length = 0;
                for (int count; (count = await others.ReceiveAsync(answers.AsMemory(length), Cancellation)) > 0;)
                {
                    length += count;
                }

                Assert.True(length >= 3 * asked.Length, $"{length} bytes are no three answers");
            }

            foreach (Socket socket in all)
            {
                Assert.Equal(0, await socket.ReceiveAsync(new byte[1], Cancellation));
            }
        }
        finally
        {
            all.ForEach(s => s.Dispose());
        }

        (await NameQuestions.ConnectAsync(attacker, SocketType.Stream)).Dispose();
    }

    [Fact]
    public async Task A_container_that_may_change_its_link_reaches_neither_the_fabric_nor_another()
    {
        Container hostile = await _client.Run(new ContainerSpec { CapAdd = { "NET_ADMIN", "NET_RAW" } }), target = await _client.Run(Shell("nc -ll -p 80 -e echo reached & exec nc -ll -p 81 -e echo allowed"));
        await _client.Tool("establishConnection", new { from = hostile.Id, to = target.Id, port = 81 });
        string address = (await Info(target)).Text("address");
        foreach ((string trick, string undo) in ((string, string)[])
        [
            ("ip addr add 169.254.1.1/32 dev eth0", "ip addr del 169.254.1.1/32 dev eth0"), ("ip route add 10.0.0.0/8 dev eth0", "ip route del 10.0.0.0/8 dev eth0"),
            ("ip link set eth0 mtu 9000", "ip link set eth0 mtu 1500"),
        ])
        {
            // What was tried does not keep it from what it may: so the next one is tried in earnest too.
            Assert.Equal((0, ""), ((await _client.Exec(hostile.Id, trick)).ExitCode, (await _client.Exec(hostile.Id, $"nc -w 1 {address} 80")).Stdout));
            Assert.Equal(0, (await _client.Exec(hostile.Id, undo)).ExitCode);
            await Eventually(async () => (await _client.Exec(hostile.Id, $"nc -w 5 {address} 81")).Stdout == "allowed\n");
        }

        // Of the fabric there is the name server, and by neither family the gate without a way out.
        Assert.Equal(0, (await _client.Exec(hostile.Id, "nc -w 5 169.254.1.1 53 </dev/null")).ExitCode);
        Assert.Equal("", (await _client.Exec(hostile.Id, $"for gate in 169.254.1.1 {await GateAsync()}; do for port in 4 22 80; do nc -w 1 $gate $port </dev/null && echo $gate:$port; done; done")).Stdout);
        await _client.Tool("establishConnection", new { from = hostile.Id, to = target.Id, port = 80 });
        Assert.Equal("reached\n", (await _client.Exec(hostile.Id, $"nc -w 5 {address} 80")).Stdout);
        await _client.Remove(hostile.Id);
        await _client.Remove(target.Id);

        async Task<string> GateAsync() => System.Text.RegularExpressions.Regex.Match(await fixture.Daemon.Nft("list", "chain", "inet", "quilt", "leave6"), "dnat ip6 to \\[(.*)\\]:4").Groups[1].Value;
    }

    private static byte[] Question { get; } = NameQuestions.Of("target");

    private async Task<string[]> Output(string exec) =>
        [.. (await _client.Tool("getExec", new { execId = exec, wait = "1s" })).GetProperty("output").EnumerateArray().Select(l => l.Text("text"))];

    private Task<JsonElement> Info(Container container) => _client.Tool("getContainerNetworkInfo", new { container = container.Id });

    private Task InstallAsync(Container container, byte[] program) => InstallAsync(_client, container, program);

    private static async Task InstallAsync(QuiltService.QuiltServiceClient client, Container container, byte[] program) => await client.ExecAsync(
        new ExecRequest { Container = container.Id, Command = { "sh", "-c", "cat >/tmp/frames; chmod +x /tmp/frames" }, Stdin = ByteString.CopyFrom(program) }, cancellationToken: Cancellation);

    private static async Task<byte[]> BuildAsync(string folder)
    {
        string program = Path.Combine(folder, "frames");
        await CProgram.BuildAsync("Hostile/frames.c", program);
        return await File.ReadAllBytesAsync(program, Cancellation);
    }
}
