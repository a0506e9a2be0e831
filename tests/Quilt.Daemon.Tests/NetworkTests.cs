using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Network;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Networks: their members reach what the network lets them, by name, and nobody else does.</summary>
public sealed class NetworkTests(DaemonFixture fixture)
{
    private const string Answering = "while true; do echo hello | nc -l -p 5432; done", Listening = "cat /proc/net/tcp6 /proc/net/tcp | grep -c ' 0A '";
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task Members_of_an_open_network_reach_each_other_by_name_on_every_port_and_nobody_else_does()
    {
        string network = await New("open-one");
        // busybox's ping knows none but raw sockets.
        (Container web, Container db, Container stranger) = (await _client.Run(new ContainerSpec { CapAdd = { "NET_RAW" } }), await _client.Run(Shell($"nc -l -p 6000 >/dev/null & {Answering}")), await _client.Run());
        await Join(network, web);
        JsonElement place = await Join(network, db, aliases: ["main"]);
        foreach (string name in (string[])[db.Name, "main", $"{db.Name}.open-one", place.Text("address"), place.Text("address6")])
        {
            await Answers(web, name);
        }

        Assert.Equal(0, (await _client.Exec(web.Id, $"nc -w 5 {db.Name} 6000 </dev/null")).ExitCode);
        Assert.Equal(0, (await _client.Exec(web.Id, $"ping -c 1 -w 5 {place.Text("address")}")).ExitCode);
        await Joins(stranger, "another"); // has a link now, and is no member
        foreach (string name in (string[])[db.Name, place.Text("address"), place.Text("address6")])
        {
            Assert.Equal(1, (await _client.Exec(stranger.Id, $"nc -w 2 {name} 5432")).ExitCode);
        }

        JsonElement listed = (await _client.Tool("listNetworks", new { network })).GetProperty("networks")[0];
        Assert.Equal(2, listed.GetProperty("members").GetArrayLength());
        Assert.True(listed.GetProperty("packets").GetInt64() > 10);
        Assert.Contains("main", (await _client.Tool("getContainerNetworkInfo", new { container = web.Id })).GetProperty("dnsNames").EnumerateArray().Select(n => n.GetString()));
        await Clean(["open-one", "another"], web, db, stranger);
    }

    [Fact]
    public async Task Who_leaves_is_reached_no_more_at_once_also_by_a_stream_that_waits()
    {
        string network = await New("left");
        (Container web, Container db) = (await _client.Run(), await _client.Run(Shell("exec nc -ll -p 7000 -e sleep 1000")));
        await Join(network, web);
        string address = (await Join(network, db)).Text("address");
        await Eventually(async () => (await _client.Exec(db.Id, Listening)).Stdout.Trim() == "1");
        string exec = (await _client.Tool("execInContainer", new { container = web.Id, command = new[] { "sh", "-c", $"mkfifo /tmp/f; exec 3<>/tmp/f; nc {address} 7000 <&3" }, background = true })).Text("execId");
        await Eventually(async () => (await _client.Exec(web.Id, "grep -c ' 01 ' /proc/net/tcp")).Stdout.Trim() == "1");
        await _client.Tool("disconnectFromNetwork", new { network, container = db.Id });
        await Eventually(async () => !(await _client.Tool("getExec", new { execId = exec, wait = "5s" })).GetProperty("exec").GetProperty("running").GetBoolean());
        Assert.DoesNotContain(address, (await _client.Exec(db.Id, "ip addr; ip route")).Stdout, StringComparison.Ordinal);
        Assert.Equal(1, (await _client.Exec(web.Id, $"nc -w 2 {address} 7000")).ExitCode);
        Assert.Equal("not_found", (await _client.ToolRefused("disconnectFromNetwork", new { network, container = db.Id })).Code);
        await Join(network, db);
        Assert.Equal("0", (await _client.Exec(db.Id, "cat /proc/net/tcp6 /proc/net/tcp | grep -c ' 01 '")).Stdout.Trim());
        await Clean(["left"], web, db);
    }

    [Fact]
    public async Task Members_of_an_isolated_network_reach_what_one_exposes_and_find_it_by_its_service()
    {
        string network = await New("services", "isolated");
        (Container web, Container db) = (await _client.Run(), await _client.Run(Shell($"nc -ll -p 6000 -e true & nc -ll -p 7000 -e sleep 1000 & {Answering}")));
        await Join(network, web);
        string address = (await Join(network, db)).Text("address");
        await Eventually(async () => (await _client.Exec(db.Id, Listening)).Stdout.Trim() == "3");
        Assert.Equal(1, (await _client.Exec(web.Id, $"nc -w 2 {address} 5432")).ExitCode);
        Assert.Equal(1, (await _client.Exec(web.Id, $"nslookup {db.Name}")).ExitCode);
        JsonElement exposed = await _client.Tool("exposePort", new { container = db.Id, port = 5432, name = "postgres" });
        Assert.Equal((true, "services"), (exposed.GetProperty("isNew").GetBoolean(), exposed.GetProperty("networks")[0].GetString()));
        await Answers(web, db.Name);
        await Answers(web, "postgres");
        Assert.Equal(1, (await _client.Exec(web.Id, $"nc -w 2 {address} 6000")).ExitCode);
        Assert.NotEqual(0, (await _client.Exec(web.Id, $"ping -c 1 -w 1 {address}")).ExitCode);

        await _client.Tool("exposePort", new { container = db.Id, port = 7000 });
        string exec = (await _client.Tool("execInContainer", new { container = web.Id, command = new[] { "sh", "-c", $"mkfifo /tmp/f; exec 3<>/tmp/f; nc {address} 7000 <&3" }, background = true })).Text("execId");
        await Eventually(async () => (await _client.Exec(web.Id, "grep -c ' 01 ' /proc/net/tcp")).Stdout.Trim() == "1");
        await _client.Tool("unexposePort", new { container = db.Id, port = 7000 });
        await Eventually(async () => !(await _client.Tool("getExec", new { execId = exec, wait = "5s" })).GetProperty("exec").GetProperty("running").GetBoolean());
        await Answers(web, "postgres");
        Assert.Equal("not_found", (await _client.ToolRefused("unexposePort", new { container = db.Id, port = 7000 })).Code);
        await Clean(["services"], web, db);
    }

    [Fact]
    public async Task What_is_exposed_before_its_container_joins_is_open_when_it_does()
    {
        string network = await New("later", "isolated");
        (Container web, Container db) = (await _client.Run(), await _client.Create(Shell(Answering)));
        await _client.Tool("exposePort", new { container = db.Id, port = 5432 });
        await Join(network, web);
        await Join(network, db);
        await _client.Start(db.Id);
        await Answers(web, db.Name);
        await Clean(["later"], web, db);
    }

    [Fact]
    public async Task What_changes_while_a_container_does_not_run_is_so_when_it_runs_again()
    {
        (string one, string other) = (await New("before"), await New("after"));
        (Container web, Container db) = (await _client.Run(), await _client.Run(Shell(Answering)));
        await Join(one, web);
        await Join(one, db);
        await Join(other, db);
        await Stop(web);
        await Join(other, web);
        await _client.Start(web.Id);
        await Answers(web, $"{db.Name}.after");
        await Stop(web);
        await _client.Tool("disconnectFromNetwork", new { network = one, container = web.Id });
        await _client.Start(web.Id);
        Assert.Equal(1, (await _client.Exec(web.Id, $"nslookup {db.Name}.before")).ExitCode);
        await Answers(web, db.Name);
        int port = (await _client.Tool("bindPort", new { container = web.Id, port = 80 })).GetProperty("hostPort").GetInt32();
        await Stop(web);
        await Join(one, web);
        await _client.Remove(web.Id);
        Assert.Equal("not_found", (await _client.ToolRefused("unbindPort", new { hostPort = port })).Code);
        Assert.Equal(1, (await _client.Tool("listNetworks", new { network = one })).GetProperty("networks")[0].GetProperty("members").GetArrayLength());
        await Clean(["before", "after"], db);

        async Task Stop(Container container)
        {
            await _client.KillContainerAsync(new KillContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
            await _client.WaitExited(container.Id);
        }
    }

    [Fact]
    public async Task A_container_may_be_in_many_networks()
    {
        string[] names = [.. Enumerable.Range(0, 80).Select(i => $"many-{i}")];
        await Parallel.ForEachAsync(names, Cancellation, async (name, _) => await New(name));
        ContainerSpec spec = new();
        spec.Networks.AddRange(names);
        Container container = await _client.Run(spec);
        Assert.Equal(names.Length + 1, (await _client.Exec(container.Id, "ip -4 addr show eth0")).Stdout.Split("inet ").Length - 1);
        await Clean(names, container);
    }

    [Fact]
    public async Task What_leads_to_members_does_so_also_where_a_range_outside_covers_them()
    {
        string network = await New("covered");
        (Container web, Container db, Container friend) = (await _client.Run(), await _client.Run(Shell(Answering)), await _client.Run(Shell(Answering)));
        await _client.Tool("establishConnection", new { from = web.Id, to = "0.0.0.0/0", port = 5432 });
        await _client.Tool("establishConnection", new { from = web.Id, to = "covered", port = 5432 });
        await _client.Tool("establishConnection", new { from = web.Id, to = friend.Id, port = 5432 });
        await Answers(web, (await Join(network, db)).Text("address"));
        await Answers(web, friend.Name);
        await Clean([], web, db, friend);
        await _client.Tool("removeNetwork", new { network });
    }

    [Fact]
    public async Task Two_networks_do_not_meet_in_a_container_that_is_in_both()
    {
        (string one, string other) = (await New("one"), await New("other"));
        (Container a, Container both, Container b) = (await _client.Run(), await _client.Run(Shell(Answering)), await _client.Run(Shell(Answering)));
        await Join(one, a);
        string inOne = (await Join(one, both)).Text("address"), inOther = (await Join(other, both)).Text("address"), far = (await Join(other, b)).Text("address");
        await Answers(a, inOne);
        await Answers(both, far);
        foreach (string address in (string[])[inOther, far])
        {
            Assert.Equal(1, (await _client.Exec(a.Id, $"nc -w 2 {address} 5432")).ExitCode);
        }

        Assert.Equal(1, (await _client.Exec(a.Id, $"nslookup {b.Name}")).ExitCode);
        await Clean(["one", "other"], a, both, b);
    }

    [Fact]
    public async Task An_edge_leads_to_a_port_of_all_members_those_who_join_later_too_and_goes_with_the_network()
    {
        string network = await New("pool");
        (Container web, Container first, Container second) = (await _client.Run(), await _client.Run(Shell($"nc -ll -p 6000 -e true & {Answering}")), await _client.Run(Shell(Answering)));
        string edge = (await _client.Tool("establishConnection", new { from = web.Id, to = "pool", port = 5432, alias = "backends" })).GetProperty("connection").Id();
        await Join(network, first);
        await Answers(web, "backends");
        await Answers(web, first.Name);
        await Join(network, second);
        await Answers(web, second.Name);
        Assert.Equal(1, (await _client.Exec(web.Id, $"nc -w 2 {first.Name} 6000")).ExitCode);
        await Join(network, web);
        await Answers(web, first.Name); // from its address in the network too
        JsonElement told = (await _client.Tool("getContainerNetworkInfo", new { container = web.Id })).GetProperty("outgoing")[0];
        Assert.Equal("pool", told.GetProperty("connection").Text("toName"));
        Assert.True(told.GetProperty("packets").GetInt64() > 10);
        await _client.Tool("disconnectFromNetwork", new { network, container = web.Id });
        ErrorDetail used = await _client.ToolRefused("removeNetwork", new { network });
        Assert.Equal(("failed_precondition", "force"), (used.Code, used.Field));
        Assert.Contains(first.Name, used.Message, StringComparison.Ordinal);
        await _client.Tool("removeNetwork", new { network, force = true });
        Assert.Equal("not_found", (await _client.ToolRefused("severConnection", new { connectionId = edge })).Code);
        Assert.Equal(1, (await _client.Exec(web.Id, $"nc -w 2 {first.Name} 5432")).ExitCode);
        await Clean([], web, first, second);
    }

    [Fact]
    public async Task A_container_is_in_its_networks_when_its_command_begins_and_has_its_addresses_when_it_begins_again()
    {
        await New("from-the-start");
        Container db = await _client.Run(new ContainerSpec { Command = { "sh", "-c", Answering }, Networks = { "from-the-start" } });
        Container web = await _client.Run(new ContainerSpec { Command = { "sh", "-c", $"ip -4 addr show eth0; until nc {db.Name} 5432; do :; done; sleep 1000" }, Networks = { "from-the-start" } });
        string before = (await _client.Exec(web.Id, "ip -4 addr show eth0")).Stdout;
        Assert.Contains("10.202.", before, StringComparison.Ordinal);
        await Eventually(async () => (await _client.Logs(web.Id)).EndsWith("hello\n", StringComparison.Ordinal));
        Assert.Contains("10.202.", await _client.Logs(web.Id), StringComparison.Ordinal);
        await _client.RestartContainerAsync(new RestartContainerRequest { Container = web.Id, Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation);
        Assert.Equal(before.Split("inet").Length, (await _client.Exec(web.Id, "ip -4 addr show eth0")).Stdout.Split("inet").Length);
        await Answers(web, db.Name);

        // What cannot be is not half there.
        Assert.Equal("not_found", (await Fails(() => _client.Create(new ContainerSpec { Name = "nowhere", Networks = { "from-the-start", "none" } }))).Code);
        Assert.Equal("command_not_found", (await Fails(() => _client.Run(new ContainerSpec { Name = "nowhere", Command = { "nothing" }, Networks = { "from-the-start" } }))).Code);
        Assert.Equal(2, (await _client.Tool("listNetworks", new { network = "from-the-start" })).GetProperty("networks")[0].GetProperty("members").GetArrayLength());
        await Clean(["from-the-start"], web, db);
    }

    [Fact]
    public async Task Networks_outlive_the_daemon_and_what_somebody_changed_is_mended()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        await daemon.Client.Tool("createNetwork", new { name = "lasting", policy = "isolated" });
        await daemon.Client.Tool("createNetwork", new { name = "open" });
        Container db = await daemon.Client.Run(new ContainerSpec { Command = { "sh", "-c", Answering }, Networks = { "lasting", "open" } }), web = await daemon.Client.Run(new ContainerSpec { Networks = { "lasting" } });
        await daemon.Client.Tool("exposePort", new { container = db.Id, port = 5432, name = "pg" });
        await daemon.Client.Tool("establishConnection", new { from = web.Id, to = "open", port = 5432, alias = "all" });
        await daemon.KillAsync();

        // Rules of another version, and an address without a way to it.
        await daemon.Nft("flush ruleset; add table inet quilt; add set inet quilt links4 { type ifname . ipv4_addr; }");
        using (FileDescriptor fabric = TestFabric.OpenFabric(daemon.RunDir))
        {
            using NetlinkSocket routes = NetlinkSocket.Open(NetlinkProtocol.Route, fabric);
            KnownRoute lost = KnownRoute.All(routes, RouteRequests.Family(System.Net.IPAddress.Any)).First(r => r.To.BaseAddress.ToString().StartsWith("10.202.", StringComparison.Ordinal));
            routes.Run(RouteRequests.RemoveRoute(lost.Link, lost.To, null));
        }

        await daemon.RunAsync();
        foreach (string name in (string[])["pg", "all", $"{db.Name}.lasting"])
        {
            await Eventually(async () => (await daemon.Client.Exec(web.Id, $"nc -w 5 {name} 5432")).Stdout == "hello\n");
        }

        Assert.Equal(1, (await daemon.Client.Exec(web.Id, "nc -w 2 pg 5433")).ExitCode);
        await daemon.Client.Remove(db.Id);
        Assert.Equal(1, (await daemon.Client.Tool("listNetworks", new { network = "lasting" })).GetProperty("networks")[0].GetProperty("members").GetArrayLength());
    }

    [Fact]
    public async Task A_create_whose_link_cannot_be_made_leaves_nothing_and_tells_of_no_network()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        await daemon.Client.Tool("createNetwork", new { name = "open" });
        await daemon.Client.Run(new ContainerSpec { Networks = { "open" } });
        using (FileDescriptor fabric = TestFabric.OpenFabric(daemon.RunDir))
        {
            // The next link's name is taken.
            using NetlinkSocket routes = NetlinkSocket.Open(NetlinkProtocol.Route, fabric);
            int next = NetworkLink.All(routes).Max(l => l.Index) + 1;
            routes.Run([RouteRequests.NewVeth(next + 100, $"q{next}", new([2, 0, 0, 0, 0, 1]), fabric, "stranger", new([2, 0, 0, 0, 0, 2]))]);
            ErrorDetail error = await Fails(() => daemon.Client.Create(new ContainerSpec { Name = "linkless", Networks = { "open" } }));
            Assert.Equal("failed_precondition", error.Code);
            routes.TryRun(RouteRequests.Delete(next + 100));
        }

        JsonElement told = await daemon.Client.Tool("getEvents", new { types = new[] { "network.connected", "network.disconnected" } });
        Assert.Equal("network.connected", Assert.Single(told.GetProperty("events").EnumerateArray()).Text("type"));
        Assert.Equal(1, (await daemon.Client.Tool("listNetworks", new { network = "open" })).GetProperty("networks")[0].GetProperty("members").GetArrayLength());
    }

    [Fact]
    public async Task Killed_at_any_moment_of_a_change_the_next_daemon_has_the_kernel_as_it_is_declared()
    {
        const int rounds = 8, most = 250;
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container[] all = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(i => daemon.Client.Run(new ContainerSpec { Name = $"c{i}" })))];
        await daemon.Client.Tool("createNetwork", new { name = "open" });
        await daemon.Client.Tool("createNetwork", new { name = "isolated", policy = "isolated" });
        await daemon.Client.Tool("connectToNetwork", new { network = "open", container = "c0" });
        for (int round = 0; round < rounds; round++)
        {
            using CancellationTokenSource killed = new();
            Task[] changes = [.. Enumerable.Range(0, 4).Select(i => Task.Run(() => ChangeAsync(new Random((round * 4) + i), killed.Token)))];
            await Task.Delay(new Random(round).Next(most), Cancellation);
            await daemon.KillAsync();
            await killed.CancelAsync();
            await Task.WhenAll(changes);
            await daemon.RunAsync();
            await RequireAsDeclaredAsync();
        }

        async Task ChangeAsync(Random random, CancellationToken ended)
        {
            while (!ended.IsCancellationRequested)
            {
                (int from, int to, string network) = (random.Next(4), random.Next(4), random.Next(2) == 0 ? "open" : "isolated");
                try
                {
                    await (random.Next(7) switch
                    {
                        0 or 1 => daemon.Client.Tool("establishConnection", new { from = $"c{from}", to = $"c{to}", port = 1 + random.Next(50) }),
                        2 => daemon.Client.Tool("severConnection", new { from = $"c{from}", to = $"c{to}", port = 1 + random.Next(50) }),
                        3 => daemon.Client.Tool("connectToNetwork", new { network, container = $"c{from}" }),
                        4 => daemon.Client.Tool("disconnectFromNetwork", new { network, container = $"c{from}" }),
                        5 => daemon.Client.Tool("exposePort", new { container = $"c{from}", port = 1 + random.Next(50) }),
                        _ => daemon.Client.Tool("establishConnection", new { from = $"c{from}", to = network, port = 1 + random.Next(50) }),
                    });
                }
                catch (Exception e) when (e is Grpc.Core.RpcException or ObjectDisposedException)
                {
                    // To itself, not there, or the daemon is gone.
                }
            }
        }

        async Task RequireAsDeclaredAsync()
        {
            JsonElement topology = await daemon.Client.Tool("getNetworkTopology");
            using FileDescriptor fabric = TestFabric.OpenFabric(daemon.RunDir);
            using NetlinkSocket netfilter = NetlinkSocket.Open(NetlinkProtocol.Netfilter, fabric), routes = NetlinkSocket.Open(NetlinkProtocol.Route, fabric);
            JsonElement[] networks = [.. topology.GetProperty("networks").EnumerateArray()], edges = [.. topology.GetProperty("edges").EnumerateArray().Select(e => e.GetProperty("connection"))];
            string[] addresses = [.. topology.GetProperty("nodes").EnumerateArray().Where(n => n.TryGetProperty("address", out _)).Select(n => n.Text("address")), .. networks.SelectMany(n => n.GetProperty("members").EnumerateArray()).Select(m => m.Text("address"))];
            Assert.Equal(edges.Count(e => !e.Text("to").StartsWith("network:", StringComparison.Ordinal)), SetElements.Read(netfilter, "edges4").Count);
            Assert.Equal(networks.Count(n => n.Text("policy") == "open" && n.GetProperty("members").GetArrayLength() > 0), SetElements.Read(netfilter, "open4").Count);
            Assert.Equal(addresses.Length, SetElements.Read(netfilter, "links4").Count);
            Assert.Equal(addresses.Order(StringComparer.Ordinal), KnownRoute.All(routes, RouteRequests.Family(System.Net.IPAddress.Any)).Select(r => r.To.BaseAddress.ToString()).Order(StringComparer.Ordinal));
            foreach (Container container in all)
            {
                JsonElement info = await daemon.Client.Tool("getContainerNetworkInfo", new { container = container.Id });
                string[] own = [.. info.TryGetProperty("address", out JsonElement address) ? [address.GetString()!] : (string[])[], .. info.GetProperty("networks").EnumerateArray().Select(n => n.Text("address"))];
                string inside = (await daemon.Client.Exec(container.Id, "ip -4 -o addr show eth0 2>/dev/null | grep -o 'inet [0-9.]*' | cut -d' ' -f2")).Stdout;
                Assert.Equal(own.Order(StringComparer.Ordinal), inside.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_networks_way_out_is_all_its_members_and_ends_when_they_leave()
    {
        await using Outside outside = await Outside.StartAsync("11.22.33.44");
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        outside.Serve("11.22.33.44", 80, "public");
        outside.Names["allowed.example"] = outside.Names["neighbour.example"] = "11.22.33.44";
        await client.Tool("createNetwork", new { name = "fetch", egress = new[] { "allowed.example:80" } });
        await client.Tool("createNetwork", new { name = "range", egress = new[] { "11.22.33.0/24:80" } });
        Container web = await client.Run(new ContainerSpec { Networks = { "fetch" } }), stranger = await client.Run(new ContainerSpec { Networks = { "range" } });
        Assert.Equal("public\n", await Say(web, "allowed.example"));
        Assert.Equal("", await Say(web, "neighbour.example"));
        Assert.Equal("", await Say(web, "11.22.33.44"));
        Assert.Equal("public\n", await Say(stranger, "11.22.33.44"));
        Assert.Equal("", await Say(stranger, "allowed.example"));
        string exec = (await client.Tool("execInContainer", new { container = web.Id, command = new[] { "sh", "-c", "mkfifo /tmp/f; exec 3<>/tmp/f; nc allowed.example 80 <&3" }, background = true })).Text("execId");
        await Eventually(async () => (await client.Tool("getExec", new { execId = exec, wait = "5s" })).GetProperty("output").GetArrayLength() > 0);
        await client.Tool("disconnectFromNetwork", new { network = "fetch", container = web.Id });
        await Eventually(async () => !(await client.Tool("getExec", new { execId = exec, wait = "5s" })).GetProperty("exec").GetProperty("running").GetBoolean());
        Assert.Equal("", await Say(web, "allowed.example"));

        // No member takes over what the outside is to the others.
        await client.Tool("connectToNetwork", new { network = "fetch", container = web.Id });
        Container liar = await client.Run(new ContainerSpec { Command = { "sh", "-c", "exec nc -ll -p 80 -e echo lie" }, Networks = { "fetch" } });
        await client.Tool("exposePort", new { container = liar.Id, port = 80, name = "allowed.example" });
        Assert.Equal("public\n", await Say(web, "allowed.example"));
        Assert.Equal("lie\n", await Say(web, $"{liar.Name}"));

        // By no network does an agent get further than its grant.
        string narrow = await client.Agent(), wide = await client.Agent("""{"egress":["allowed.example"]}""", name: "wide"), below = await client.Agent(by: wide, name: "below");
        ErrorDetail refused = await client.ToolRefused("createNetwork", new { name = "n", egress = new[] { "allowed.example:80" } }, narrow);
        Assert.Equal(("permission_denied", "egress"), (refused.Code, refused.Field));
        await client.Tool("createNetwork", new { name = "n", egress = new[] { "allowed.example:80" } }, wide);
        string child = (await client.Tool("createContainer", new { name = "c" }, below)).Id();
        Assert.Equal("not_found", (await client.ToolRefused("connectToNetwork", new { network = "n", container = child }, below)).Code);
        await client.Tool("connectToNetwork", new { network = "n", container = child }, wide);

        async Task<string> Say(Container from, string to) => (await client.Exec(from.Id, $"nc -w 5 {to} 80 </dev/null")).Stdout;
    }

    [Fact]
    public async Task A_network_goes_with_its_session_or_task_and_counts_against_its_agents_limit()
    {
        string session = (await _client.Tool("beginSession")).GetProperty("session").Id(), task = (await _client.Tool("beginTask", new { name = "t", session })).GetProperty("task").Id();
        await _client.Tool("createNetwork", new { name = "of-session" }, session: session);
        await _client.Tool("createNetwork", new { name = "of-task", strategy = "task", taskId = task }, session: session);
        await _client.Tool("createNetwork", new { name = "of-nobody", strategy = "service" }, session: session);
        Container service = await _client.Run(new ContainerSpec { Strategy = "service", Networks = { "of-session", "of-nobody" } });
        JsonElement report = (await _client.Tool("endTask", new { task })).GetProperty("report");
        Assert.Equal("of-task", report.GetProperty("networks")[0].GetString());
        report = (await _client.Tool("endSession", new { session })).GetProperty("report");
        Assert.Equal("of-session", report.GetProperty("networks")[0].GetString());
        JsonElement left = (await _client.Tool("getContainerNetworkInfo", new { container = service.Id })).GetProperty("networks");
        Assert.Equal("of-nobody", left[0].Text("name"));
        Assert.Equal(1, left.GetArrayLength());
        await Clean(["of-nobody"], service);

        string token = await _client.Agent("""{"limits":{"networks":1}}""", name: "limited");
        await _client.Tool("createNetwork", new { name = "mine", strategy = "service" }, token);
        ErrorDetail error = await _client.ToolRefused("createNetwork", new { name = "more" }, token);
        Assert.Equal(("resource_exhausted", "limits.networks"), (error.Code, error.Field));
        string other = await _client.Agent();
        Assert.Equal("not_found", (await _client.ToolRefused("removeNetwork", new { network = "mine" }, other)).Code);
        Assert.Empty((await _client.Tool("listNetworks", null, other)).GetProperty("networks").EnumerateArray());
        string subnet = (await _client.Tool("listNetworks", null, token)).GetProperty("networks")[0].Text("subnet");
        Assert.DoesNotContain("mine", (await _client.ToolRefused("createNetwork", new { name = "n", subnet }, other)).Message, StringComparison.Ordinal);
        await _client.Tool("removeAgent", new { agent = "limited" });
        Assert.DoesNotContain((await _client.Tool("listNetworks")).GetProperty("networks").EnumerateArray(), n => n.Text("name") == "mine");
    }

    [Fact]
    public async Task A_member_has_the_address_that_was_asked_for_and_no_other_has_it()
    {
        string network = (await _client.Tool("createNetwork", new { name = "fixed", subnet = "10.77.0.0/29" })).GetProperty("network").Id();
        Container[] all = [.. await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _client.Create()))];
        Assert.Equal("10.77.0.4", (await Join(network, all[0], ip: "10.77.0.4")).Text("address"));
        await Refused("already_exists", "ip", all[1], "10.77.0.4");
        await Refused("invalid_argument", "ip", all[1], "10.78.0.4");
        await Refused("invalid_argument", "ip", all[1], "10.77.0.0");
        await Refused("invalid_argument", "ip", all[1], "10.77.0.7");
        await Refused("failed_precondition", "ip", all[0], "10.77.0.5");
        HashSet<string> addresses = ["10.77.0.4"];
        for (int i = 1; i < 5; i++)
        {
            Assert.True(addresses.Add((await Join(network, all[i])).Text("address")));
        }

        ErrorDetail full = await _client.ToolRefused("connectToNetwork", new { network, container = all[5].Id });
        Assert.Equal(("resource_exhausted", "network"), (full.Code, full.Field));
        await Clean(["fixed"], all);

        async Task Refused(string code, string field, Container container, string ip)
        {
            ErrorDetail error = await _client.ToolRefused("connectToNetwork", new { network, container = container.Id, ip });
            Assert.Equal((code, field), (error.Code, error.Field));
        }
    }

    [Fact]
    public async Task A_member_that_takes_anothers_address_is_not_heard()
    {
        string network = await New("hostile");
        (Container db, Container web, Container thief) = (await _client.Run(), await _client.Run(), await _client.Run());
        (JsonElement place, JsonElement its) = (await Join(network, db), await Join(network, web));
        await Joins(thief, "elsewhere"); // a link of its own, and no place among them
        foreach (string family in (string[])["address", "address6"])
        {
            Assert.Equal([web.Id], await Heard(family, (thief, its), (web, its)));
        }

        JsonElement own = await Join(network, thief);
        foreach (string family in (string[])["address", "address6"])
        {
            Assert.Equal([web.Id, thief.Id], await Heard(family, (web, its), (thief, its), (thief, own)));
        }

        await Clean(["hostile", "elsewhere"], db, web, thief);

        Task<string[]> Heard(string family, params (Container Container, JsonElement Place)[] senders) =>
            Datagrams.HeardAsync(db, place.Text(family), [.. senders.Select(s => (s.Container, s.Place.Text(family)))]);
    }

    [Theory]
    [InlineData("createNetwork", """{"name":"no name"}""", "invalid_argument", "name")]
    [InlineData("createNetwork", """{"name":"n","ipv6":false}""", "invalid_argument", "ipv6")]
    [InlineData("createNetwork", """{"name":"host"}""", "invalid_argument", "name")]
    [InlineData("createNetwork", """{"name":"n","subnet":"10.202.0.0/16"}""", "already_exists", "subnet")]
    [InlineData("createNetwork", """{"name":"a.b"}""", "invalid_argument", "name")]
    [InlineData("createNetwork", """{"name":"n","subnet":"10.9.0.0"}""", "invalid_argument", "subnet")]
    [InlineData("createNetwork", """{"name":"n","subnet":"10.9.0.0/30"}""", "invalid_argument", "subnet")]
    [InlineData("createNetwork", """{"name":"n","subnet":"fd00::/64"}""", "invalid_argument", "subnet")]
    [InlineData("createNetwork", """{"name":"n","subnet":"10.201.7.0/24"}""", "already_exists", "subnet")]
    [InlineData("createNetwork", """{"name":"n","subnet":"169.254.0.0/24"}""", "already_exists", "subnet")]
    [InlineData("createNetwork", """{"name":"n","policy":"closed"}""", "invalid_argument", "policy")]
    [InlineData("createNetwork", """{"name":"n","egress":["deb.example"]}""", "invalid_argument", "egress")]
    [InlineData("createNetwork", """{"name":"n","egress":["web:80"]}""", "invalid_argument", "egress")]
    [InlineData("createNetwork", """{"name":"n","strategy":"task"}""", "invalid_argument", "taskId")]
    [InlineData("removeNetwork", """{"network":"none"}""", "not_found", "network")]
    [InlineData("connectToNetwork", """{"network":"none","container":"$c"}""", "not_found", "network")]
    [InlineData("connectToNetwork", """{"network":"$n","container":"none"}""", "not_found", "container")]
    [InlineData("connectToNetwork", """{"network":"$n","container":"$c","aliases":["no name"]}""", "invalid_argument", "aliases")]
    [InlineData("connectToNetwork", """{"network":"$n","container":"$c","ip":"here"}""", "invalid_argument", "ip")]
    [InlineData("exposePort", """{"container":"$c","port":0}""", "invalid_argument", "port")]
    [InlineData("exposePort", """{"container":"$c","port":80,"protocol":"icmp"}""", "invalid_argument", "protocol")]
    [InlineData("exposePort", """{"container":"$c","port":80,"name":"no name"}""", "invalid_argument", "name")]
    public async Task Bad_input_is_refused_with_code_and_field(string tool, string arguments, string code, string field)
    {
        string name = $"bad-{Guid.NewGuid():N}"[..20], network = await New(name);
        Container container = await _client.Create();
        ErrorDetail error = await _client.ToolRefused(tool, arguments.Replace("$c", container.Id, StringComparison.Ordinal).Replace("$n", network, StringComparison.Ordinal));
        Assert.Equal((code, field), (error.Code, error.Field));
        Assert.NotEmpty(error.Remedy);
        await Clean([name], container);
    }

    /// <returns>Its id.</returns>
    private async Task<string> New(string name, string policy = "open") => (await _client.Tool("createNetwork", new { name, policy })).GetProperty("network").Id();

    /// <returns>The member.</returns>
    private async Task<JsonElement> Join(string network, Container container, string[]? aliases = null, string? ip = null) =>
        (await _client.Tool("connectToNetwork", new { network, container = container.Id, aliases = aliases ?? [], ip })).GetProperty("member");

    private async Task Joins(Container container, string newNetwork) => await Join(await New(newNetwork), container);

    private Task Answers(Container from, string to) => Eventually(async () => (await _client.Exec(from.Id, $"nc -w 5 {to} 5432")).Stdout == "hello\n");

    private async Task Clean(string[] networks, params Container[] containers)
    {
        foreach (Container container in containers)
        {
            await _client.Remove(container.Id);
        }

        foreach (string network in networks)
        {
            await _client.Tool("removeNetwork", new { network });
        }
    }
}
