using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Network;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Edges between containers: what is drawn is open, and nothing else; what is severed is shut.</summary>
public sealed class ConnectionTests(DaemonFixture fixture)
{
    private const string Answering = "while true; do echo hello | nc -l -p 5432; done";
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task A_container_reaches_nothing_until_an_edge_is_drawn_and_then_that_port_alone_and_not_the_other_way()
    {
        const string listening = "nc -ll -p 5433 -e echo hello & exec nc -ll -p 5432 -e echo hello";
        (Container web, Container db) = (await _client.Run(Shell(listening)), await _client.Run(Shell(listening)));
        Assert.Equal("lo", (await _client.Exec(web.Id, "ls /sys/class/net")).Stdout.Trim());
        JsonElement connection = (await Establish(web, db, 5432)).GetProperty("connection"), node = await Node(web);
        foreach (string family in (string[])["address", "address6"])
        {
            (string its, string own) = (connection.Text(family), node.Text(family));
            await Answers(web, its, 5432);
            Assert.Equal(1, (await _client.Exec(web.Id, $"nc -w 5 {its} 5433")).ExitCode);
            Assert.Equal(1, (await _client.Exec(db.Id, $"nc -w 5 {own} 5432")).ExitCode);
        }

        // It was there to be reached, on that port and the other way.
        await Establish(web, db, 5433);
        await Answers(web, connection.Text("address"), 5433);
        await Establish(db, web, 5432);
        await Answers(db, node.Text("address"), 5432);
        Assert.Equal(1, (await _client.Exec(web.Id, "nc -w 1 169.254.169.254 80")).ExitCode);
        await Remove(web, db);
    }

    [Fact]
    public async Task An_address_that_nothing_leads_to_is_refused_with_the_first_packet()
    {
        (Container web, Container db) = (await _client.Run(), await _client.Run());
        await Connect(web, db, 5432);
        foreach (string address in (string[])["11.22.33.44", "169.254.169.254", "198.18.0.1", "[fd00::1]"])
        {
            // What routing answers to the first packet would be lost, and to a later one be "unreachable".
            Assert.Contains("refused", (await _client.Exec(web.Id, $"nc -w 5 {address} 80 2>&1")).Stdout, StringComparison.Ordinal);
        }

        await Remove(web, db);
    }

    [Fact]
    public async Task Both_families_lead_there()
    {
        (Container web, Container db) = (await _client.Run(), await _client.Run(Shell(Answering)));
        JsonElement connection = (await Establish(web, db, 5432)).GetProperty("connection");
        await Answers(web, connection.Text("address"), 5432);
        await Answers(web, connection.Text("address6"), 5432);
        await Remove(web, db);
    }

    [Fact]
    public async Task Severing_ends_an_open_stream_that_waits_and_drawing_the_edge_again_revives_none()
    {
        (Container web, Container db) = (await _client.Run(), await _client.Run(Shell("exec nc -ll -p 7000 -e sleep 1000")));
        string address = await Connect(web, db, 7000);
        await Eventually(async () => (await _client.Exec(db.Id, "cat /proc/net/tcp6 /proc/net/tcp | grep -c ' 0A '")).Stdout.Trim() == "1");
        string exec = (await _client.Tool("execInContainer", new { container = web.Id, command = new[] { "sh", "-c", $"mkfifo /tmp/f; exec 3<>/tmp/f; nc {address} 7000 <&3" }, background = true })).Text("execId");
        await Eventually(async () => (await _client.Exec(web.Id, "grep -c ' 01 ' /proc/net/tcp")).Stdout.Trim() == "1");
        JsonElement severed = await _client.Tool("severConnection", new { from = web.Id, to = db.Id, port = 7000 });
        Assert.True(severed.GetProperty("packets").GetInt64() > 2);
        await Eventually(async () => !(await _client.Tool("getExec", new { execId = exec, wait = "5s" })).GetProperty("exec").GetProperty("running").GetBoolean());
        await Connect(web, db, 7000);
        Assert.Equal("0", (await _client.Exec(db.Id, "cat /proc/net/tcp6 /proc/net/tcp | grep -c ' 01 '")).Stdout.Trim());
        await Remove(web, db);
    }

    [Fact]
    public async Task An_edge_drawn_before_its_containers_run_holds_when_they_do_and_after_a_restart()
    {
        (Container web, Container db) = (await _client.Create(), await _client.Create(Shell(Answering)));
        string address = await Connect(web, db, 5432);
        await _client.Start(db.Id);
        await _client.Start(web.Id);
        await Answers(web, address, 5432);
        foreach (Container container in (Container[])[web, db])
        {
            await _client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id, Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation);
        }

        await Answers(web, address, 5432);
        await Remove(web, db);
    }

    [Fact]
    public async Task An_edge_goes_with_its_time_or_with_its_container_and_the_same_one_again_is_no_other()
    {
        (Container web, Container db) = (await _client.Run(), await _client.Run(Shell(Answering)));
        JsonElement first = await Establish(web, db, 5432), again = await Establish(web, db, 5432);
        Assert.Equal((true, false), (first.GetProperty("isNew").GetBoolean(), again.GetProperty("isNew").GetBoolean()));
        Assert.Equal(first.GetProperty("connection").Id(), again.GetProperty("connection").Id());
        await _client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 5432, ttl = "200ms" });
        JsonElement severed = await _client.Tool("getEvents", new { container = web.Id, types = new[] { "connection.severed" }, wait = "10s" });
        Assert.Equal(first.GetProperty("connection").Id(), severed.GetProperty("events")[0].GetProperty("attributes").Text("connection"));
        Assert.Equal("not_found", (await _client.ToolRefused("severConnection", new { from = web.Id, to = db.Id, port = 5432 })).Code);
        await Establish(web, db, 5432);
        await _client.Remove(db.Id);
        Assert.DoesNotContain((await _client.Tool("getNetworkTopology")).GetProperty("edges").EnumerateArray(), e => e.GetProperty("connection").Text("from") == web.Id);
        await Remove(web);
    }

    [Fact]
    public async Task A_packet_with_anothers_address_is_not_heard()
    {
        // One that sends by another's address meets the edge that leads from there.
        (Container db, Container web, Container thief) = (await _client.Run(), await _client.Run(), await _client.Run());
        foreach (Container from in (Container[])[web, thief])
        {
            await _client.Tool("establishConnection", new { from = from.Id, to = db.Id, port = Datagrams.Port, protocol = "udp" });
        }

        (JsonElement its, JsonElement own, JsonElement target) = (await Node(web), await Node(thief), await Node(db));
        foreach (string family in (string[])["address", "address6"])
        {
            string[] heard = await Datagrams.HeardAsync(db, target.Text(family), (web, its.Text(family)), (thief, its.Text(family)), (thief, own.Text(family)));
            Assert.Equal([web.Id, thief.Id], heard);
        }

        await Remove(db, web, thief);
    }

    [Fact]
    public async Task Edges_and_flows_outlive_the_daemon_and_what_somebody_changed_is_mended()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        (Container web, Container db) = (await daemon.Client.Run(), await daemon.Client.Run(Shell(Answering)));
        string address = (await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 5432 })).GetProperty("connection").Text("address");
        await Answers(daemon.Client, web, address, 5432);
        await daemon.KillAsync();
        await daemon.RunAsync();
        await Answers(daemon.Client, web, address, 5432);
        await daemon.KillAsync();
        await daemon.Nft("flush", "ruleset");
        await daemon.RunAsync();
        await Answers(daemon.Client, web, address, 5432);
        Assert.Equal(1, (await daemon.Client.Exec(web.Id, $"nc -w 1 {address} 5433")).ExitCode);
    }

    [Fact]
    public async Task A_daemon_that_was_killed_before_the_fabric_had_its_settings_is_followed_by_one_that_makes_them()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        (Container web, Container db) = (await daemon.Client.Run(), await daemon.Client.Run(Shell(Answering)));
        string address = (await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 5432 })).GetProperty("connection").Text("address");
        await daemon.KillAsync();
        using (FileDescriptor fabric = TestFabric.OpenFabric(daemon.RunDir))
        {
            NamespaceThread.Run(fabric, () =>
            {
                File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "0");
                return true;
            });
        }

        await daemon.RunAsync();
        await Answers(daemon.Client, web, address, 5432);
    }

    [Fact]
    public async Task An_edge_whose_time_was_over_while_no_daemon_was_there_is_not_opened_again()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        (Container web, Container db) = (await daemon.Client.Run(), await daemon.Client.Run(Shell(Answering)));
        string address = (await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 5432, ttl = "1h" })).GetProperty("connection").Text("address");
        await Answers(daemon.Client, web, address, 5432);
        await daemon.KillAsync();
        using (Storage.Database database = Storage.Database.Open(Path.Combine(daemon.StateDir, "quilt.db")))
        {
            database.Write(writer => writer.Run("UPDATE edge SET expires_at = 1"));
        }

        // As after a restart of the host: nothing of it is in the kernel either.
        string fabric = Path.Combine(daemon.RunDir, "fabric");
        Sys.Unmount(fabric, lazily: true);
        File.Delete(fabric);
        await daemon.RunAsync();
        Assert.Empty((await daemon.Client.Tool("getNetworkTopology")).GetProperty("edges").EnumerateArray());
        Assert.Equal(1, (await daemon.Client.Exec(web.Id, $"nc -w 5 {address} 5432")).ExitCode);
        Assert.Single((await daemon.Client.Tool("getEvents", new { types = new[] { "connection.severed" } })).GetProperty("events").EnumerateArray());
    }

    [Fact]
    public async Task A_daemon_that_ends_in_order_leaves_no_network_where_nothing_runs_and_the_next_one_makes_it_anew()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        (Container web, Container db) = (await daemon.Client.Run(), await daemon.Client.Run(Shell(Answering)));
        string address = (await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 5432 })).GetProperty("connection").Text("address");
        string fabric = Path.Combine(daemon.RunDir, "fabric");
        await daemon.StopAsync();
        Assert.Contains(MountInfoEntry.OfThisProcess(), m => m.MountPoint == fabric);
        await daemon.RunAsync();
        await Answers(daemon.Client, web, address, 5432);
        foreach (Container container in (Container[])[web, db])
        {
            await daemon.Client.KillContainerAsync(new KillContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
            await daemon.Client.WaitExited(container.Id);
        }

        using (FileDescriptor held = Sys.Open(fabric, OpenMode.ReadOnly))
        {
            await Eventually(() => Task.FromResult(NamespaceThread.Run(held, () => !File.ReadAllLines("/proc/thread-self/net/dev").Any(l => l.TrimStart().StartsWith('q')))));
        }

        await daemon.StopAsync();
        Assert.DoesNotContain(MountInfoEntry.OfThisProcess(), m => m.MountPoint == fabric);
        await daemon.RunAsync();
        await daemon.Client.Start(db.Id);
        await daemon.Client.Start(web.Id);
        await Answers(daemon.Client, web, address, 5432);
    }

    [Fact]
    public async Task Another_agents_container_cannot_be_connected_to_and_a_shared_one_can()
    {
        string a = await _client.Agent(name: "wiring-a"), b = await _client.Agent();
        string mine = (await _client.Tool("createContainer", new { name = "mine" }, a)).Id(), others = (await _client.Tool("createContainer", new { name = "others" }, b)).Id();
        string nobodys = new('f', others.Length);
        (ErrorDetail refused, ErrorDetail unknown) = (
            await _client.ToolRefused("establishConnection", new { from = mine, to = others, port = 80 }, a), await _client.ToolRefused("establishConnection", new { from = mine, to = nobodys, port = 80 }, a));
        Assert.Equal("not_found", refused.Code);
        refused.Message = refused.Message.Replace(others, nobodys, StringComparison.Ordinal);
        Assert.Equal(unknown, refused);
        string id = (await _client.Tool("getAgent", new { agent = "wiring-a" })).GetProperty("agent").Id();
        await _client.Tool("shareContainer", new { container = others, agent = id }, b);
        string edge = (await _client.Tool("establishConnection", new { from = mine, to = others, port = 80 }, a)).GetProperty("connection").Id();
        Assert.Equal("permission_denied", (await _client.ToolRefused("establishConnection", new { from = others, to = mine, port = 80 }, a)).Code);
        await _client.Tool("severConnection", new { connectionId = edge }, b);
        Assert.Equal("not_found", (await _client.ToolRefused("severConnection", new { connectionId = edge }, a)).Code);
        await _client.Tool("establishConnection", new { from = mine, to = others, port = 80 }, a);
        await _client.Tool("shareContainer", new { container = others, agent = id, revoke = true }, b);
        Assert.Empty((await _client.Tool("getContainerNetworkInfo", new { container = mine }, a)).GetProperty("outgoing").EnumerateArray());
        await _client.Tool("removeContainer", new { container = mine }, a);
        await _client.Tool("removeContainer", new { container = others }, b);
    }

    [Fact]
    public async Task A_port_of_the_host_leads_to_the_container_also_after_the_daemon_ended_and_goes_with_it()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container web = await daemon.Client.Run(Shell("exec nc -ll -p 8080 -e echo hello"));
        JsonElement bound = await daemon.Client.Tool("bindPort", new { container = web.Id, port = 8080 });
        int port = bound.GetProperty("hostPort").GetInt32();
        Assert.Equal(("127.0.0.1", web.Name), (bound.Text("hostIp"), bound.Text("containerName")));
        await Eventually(async () => await Said(port) == "hello\n");
        ErrorDetail taken = await daemon.Client.ToolRefused("bindPort", new { container = web.Id, port = 8081, hostPort = port });
        Assert.Equal(("already_exists", "hostPort"), (taken.Code, taken.Field));
        Assert.Contains(web.Name, taken.Message, StringComparison.Ordinal);
        await daemon.KillAsync();
        await daemon.RunAsync();
        await Eventually(async () => await Said(port) == "hello\n");
        Assert.Equal(port, (await daemon.Client.Tool("getContainerNetworkInfo", new { container = web.Id })).GetProperty("ports")[0].GetProperty("hostPort").GetInt32());
        await daemon.Client.Tool("unbindPort", new { hostPort = port });
        Assert.Null(await Said(port));
        port = (await daemon.Client.Tool("bindPort", new { container = web.Id, port = 8080, hostIp = "::1" })).GetProperty("hostPort").GetInt32();
        await daemon.Client.Remove(web.Id);
        Assert.Equal("not_found", (await daemon.Client.ToolRefused("unbindPort", new { hostPort = port, hostIp = "::1" })).Code);
    }

    [Fact]
    public async Task A_port_that_a_program_has_is_refused_with_its_name_and_an_agent_has_the_ports_of_its_grant()
    {
        using System.Net.Sockets.TcpListener other = new(System.Net.IPAddress.Loopback, 0);
        other.Start();
        int port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        Container web = await _client.Create();
        ErrorDetail taken = await _client.ToolRefused("bindPort", new { container = web.Id, port = 80, hostPort = port });
        Assert.Equal("already_exists", taken.Code);
        Assert.Contains($"process {Environment.ProcessId}", taken.Message, StringComparison.Ordinal);
        Assert.Equal("hostIp", (await _client.ToolRefused("bindPort", new { container = web.Id, port = 80, hostIp = "203.0.113.9" })).Field);
        Assert.Equal("hostIp", (await _client.ToolRefused("bindPort", new { container = web.Id, port = 80, hostIp = "here" })).Field);
        await _client.Remove(web.Id);

        string none = await _client.Agent("""{"tools":{"level":"elevated"}}"""), some = await _client.Agent($$"""{"tools":{"level":"elevated"},"ports":[{"from":{{port}},"to":{{port + 1}}}]}""");
        Assert.Equal("permission_denied", (await _client.ToolRefused("bindPort", new { container = (await _client.Tool("createContainer", new { name = "w" }, none)).Id(), port = 80 }, none)).Code);
        string id = (await _client.Tool("createContainer", new { name = "w" }, some)).Id();
        Assert.Equal(port + 1, (await _client.Tool("bindPort", new { container = id, port = 80 }, some)).GetProperty("hostPort").GetInt32());
        Assert.Equal("resource_exhausted", (await _client.ToolRefused("bindPort", new { container = id, port = 81 }, some)).Code);
        Assert.Equal("permission_denied", (await _client.ToolRefused("bindPort", new { container = id, port = 81, hostIp = "0.0.0.0", hostPort = port + 1 }, some)).Code);
        await _client.Tool("removeContainer", new { container = "w" }, some);
        await _client.Tool("removeContainer", new { container = "w" }, none);
    }

    [Fact]
    public async Task Where_nft_does_not_run_a_connection_is_refused_with_a_remedy_and_nothing_is_left_of_it()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartByAsync(start =>
        {
            string[] masked = ["--mount", "sh", "-c", "mount --bind /dev/null \"$(command -v nft || echo /usr/sbin/nft)\" && exec \"$@\"", "sh", start.FileName];
            for (int at = 0; at < masked.Length; at++)
            {
                start.ArgumentList.Insert(at, masked[at]);
            }

            start.FileName = "unshare";
            return System.Diagnostics.Process.Start(start)!;
        });
        (Container web, Container db) = (await daemon.Client.Run(), await daemon.Client.Create());
        string network = (await daemon.Client.Tool("createNetwork", new { name = "n" })).GetProperty("network").Id();
        foreach ((string tool, object arguments) in ((string, object)[])
        [
            ("establishConnection", new { from = web.Id, to = db.Id, port = 80 }), ("connectToNetwork", new { network, container = web.Id }),
        ])
        {
            ErrorDetail error = await daemon.Client.ToolRefused(tool, arguments);
            Assert.Equal("failed_precondition", error.Code);
            Assert.Contains("nftables", error.Remedy, StringComparison.Ordinal);
        }

        JsonElement topology = await daemon.Client.Tool("getNetworkTopology");
        Assert.Empty(topology.GetProperty("edges").EnumerateArray());
        Assert.Empty(topology.GetProperty("networks")[0].GetProperty("members").EnumerateArray());
        Assert.False(topology.GetProperty("nodes")[0].TryGetProperty("address", out _));
    }

    [Fact]
    public async Task However_many_edges_a_container_has_they_go_with_it_and_come_back_where_somebody_took_them()
    {
        const int many = Wiring.MostEdges; // more than a message has room for by default
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        (Container web, Container db) = (await daemon.Client.Run(), await daemon.Client.Run());
        await Parallel.ForAsync(1, many + 1, Cancellation, async (port, _) => await daemon.Client.Tool("establishConnection", new { from = web.Id, to = db.Id, port }));
        ErrorDetail more = await daemon.Client.ToolRefused("establishConnection", new { from = web.Id, to = db.Id, port = many + 1 });
        Assert.Equal(("resource_exhausted", "from"), (more.Code, more.Field));
        await daemon.Client.Tool("establishConnection", new { from = db.Id, to = web.Id, port = 1 });
        await daemon.Client.Tool("severConnection", new { from = db.Id, to = web.Id, port = 1 });
        await daemon.KillAsync();
        using FileDescriptor fabric = TestFabric.OpenFabric(daemon.RunDir);
        await daemon.Nft("flush", "ruleset");
        await daemon.RunAsync();
        Assert.Equal(many, Elements());
        await daemon.Client.Remove(web.Id);
        Assert.Equal(0, Elements());
        await daemon.Client.Remove(db.Id);

        int Elements()
        {
            using NetlinkSocket netfilter = NetlinkSocket.Open(NetlinkProtocol.Netfilter, fabric);
            return SetElements.Read(netfilter, "edges4").Count;
        }
    }

    [Theory]
    [InlineData("""{"from":"$web","to":"$web","port":80}""", "invalid_argument", "to")]
    [InlineData("""{"from":"$web","to":"none","port":80}""", "not_found", "to")]
    [InlineData("""{"from":"none","to":"$db","port":80}""", "not_found", "from")]
    [InlineData("""{"from":"$web","to":"127.0.0.1/32","port":80}""", "invalid_argument", "to")]
    [InlineData("""{"from":"$web","to":"::1","port":80}""", "invalid_argument", "to")]
    [InlineData("""{"from":"$web","to":"$db","port":0}""", "invalid_argument", "port")]
    [InlineData("""{"from":"$web","to":"$db","port":65536}""", "invalid_argument", "port")]
    [InlineData("""{"from":"$web","to":"$db"}""", "invalid_argument", "port")]
    [InlineData("""{"from":"$web","to":"$db","port":80,"protocol":"icmp"}""", "invalid_argument", "protocol")]
    [InlineData("""{"from":"$web","to":"$db","port":80,"ttl":"-1s"}""", "invalid_argument", "ttl")]
    [InlineData("""{"from":"$web","to":"$db","port":80,"alias":"no name"}""", "invalid_argument", "alias")]
    [InlineData("""{"from":"$web","to":"deb.example","port":80,"protocol":"udp"}""", "invalid_argument", "protocol")]
    [InlineData("""{"from":"$web","to":"11.22.33.0/33","port":80}""", "invalid_argument", "to")]
    [InlineData("""{"from":"$web","to":"no_name.example","port":80}""", "not_found", "to")]
    [InlineData("""{"from":"$web","to":"*.example","port":80,"alias":"x"}""", "invalid_argument", "alias")]
    public async Task Bad_input_is_refused_with_code_and_field(string arguments, string code, string field)
    {
        (Container web, Container db) = (await _client.Create(), await _client.Create());
        ErrorDetail error = await _client.ToolRefused("establishConnection", arguments.Replace("$web", web.Id, StringComparison.Ordinal).Replace("$db", db.Id, StringComparison.Ordinal));
        Assert.Equal((code, field), (error.Code, error.Field));
        Assert.NotEmpty(error.Remedy);
        await Remove(web, db);
    }

    /// <summary>What the host is told on a port of its own; null where nobody listens.</summary>
    private static async Task<string?> Said(int port)
    {
        try
        {
            using System.Net.Sockets.TcpClient client = new();
            await client.ConnectAsync(System.Net.IPAddress.Loopback, port, Cancellation);
            using System.IO.StreamReader reader = new(client.GetStream());
            return await reader.ReadToEndAsync(Cancellation);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            return null;
        }
    }

    private Task<JsonElement> Establish(Container from, Container to, int port) => _client.Tool("establishConnection", new { from = from.Id, to = to.Id, port });

    /// <returns>The target's address.</returns>
    private async Task<string> Connect(Container from, Container to, int port) => (await Establish(from, to, port)).GetProperty("connection").Text("address");

    private async Task<JsonElement> Node(Container container) =>
        (await _client.Tool("getNetworkTopology")).GetProperty("nodes").EnumerateArray().Single(n => n.Text("id") == container.Id);

    private Task Answers(Container from, string address, int port) => Answers(_client, from, address, port);

    private static Task Answers(QuiltService.QuiltServiceClient client, Container from, string address, int port) =>
        Eventually(async () => (await client.Exec(from.Id, $"nc -w 5 {address} {port}")).Stdout == "hello\n");

    private async Task Remove(params Container[] containers)
    {
        foreach (Container container in containers)
        {
            await _client.Remove(container.Id);
        }
    }
}
