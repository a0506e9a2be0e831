using System.Net.Sockets;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Network;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Ways to the outside: by name, by range and to the host, and that each opens what it says and nothing beside.</summary>
public sealed class EgressTests
{
    private const string Public = "11.22.33.44", Other = "11.22.33.55", Private = "10.99.0.1", Metadata = "169.254.169.254";

    [Fact]
    public async Task A_name_leads_to_what_it_means_on_its_port_and_neither_other_names_nor_the_address_itself_do()
    {
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        Container web = await client.Run();
        await Connect(client, web, "allowed.example", 80);
        Assert.Equal("public\n", await Say(client, web, "allowed.example", 80));
        Assert.Equal("", await Say(client, web, "neighbour.example", 80)); // the same server
        Assert.Equal("", await Say(client, web, Public, 80));
        Assert.Equal("", await Say(client, web, "allowed.example", 81));
        Assert.Equal("", await Say(client, web, "sub.allowed.example", 80));
        string standsFor = (await client.Exec(web.Id, "nslookup allowed.example | grep -o '198[.]1[.0-9]*'")).Stdout.Trim();
        Container stranger = await client.Run();
        await Connect(client, stranger, "neighbour.example", 80);
        Assert.Equal("public\n", await Say(client, stranger, "neighbour.example", 80));
        Assert.Equal("public\n", await Say(client, web, standsFor, 80));
        await Connect(client, stranger, "other.example", 81);
        Assert.NotEqual("public\n", await Say(client, stranger, standsFor, 81));
    }

    [Fact]
    public async Task A_wildcard_is_every_name_below_and_a_chain_of_names_is_followed()
    {
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        outside.Names["a.wild.example"] = "-> other.example";
        outside.Names["wild.example"] = Public;
        Container web = await client.Run();
        await Connect(client, web, "*.wild.example", 80);
        Assert.Equal("other\n", await Say(client, web, "A.wild.example", 80));
        Assert.Equal("", await Say(client, web, "wild.example", 80));
        Assert.Equal("", await Say(client, web, "other.example", 80));
    }

    [Fact]
    public async Task A_name_that_leads_home_opens_nothing_also_not_after_it_led_elsewhere()
    {
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        Container web = await client.Run();
        await Connect(client, web, "*.rebind.example", 80);
        outside.Names["x.rebind.example"] = Public;
        Assert.Equal("public\n", await Say(client, web, "x.rebind.example", 80));

        // At each of them somebody answers.
        foreach (string served in (string[])[Outside.OwnAddress, "127.0.0.1", "::1"])
        {
            outside.Serve(served, 80, "host");
        }

        foreach (string home in (string[])[Private, Outside.OwnAddress, "127.0.0.1", Metadata, "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", $"::ffff:{Private}"])
        {
            outside.Names["x.rebind.example"] = home;
            Assert.Equal("", await Say(client, web, "x.rebind.example", 80));
        }

        outside.Names["x.rebind.example"] = Public;
        Assert.Equal("public\n", await Say(client, web, "x.rebind.example", 80));
        JsonElement denied = await client.Tool("getEvents", new { container = web.Id, types = new[] { "egress.denied" } });
        Assert.Contains(denied.GetProperty("events").EnumerateArray(), e => e.GetProperty("attributes").Text("reason") == "the name has no public address");
    }

    [Fact]
    public async Task Names_that_no_edge_allows_are_asked_of_nobody()
    {
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        (Container web, Container other) = (await client.Run(), await client.Run());
        await Connect(client, other, "*.other.example", 80);
        await Connect(client, web, "allowed.example", 80);
        foreach (string name in (string[])["a-secret.other.example", "a-secret.allowed.example", "neighbour.example", "a-secret", "allowed.example"])
        {
            await client.Exec(web.Id, $"nslookup {name}");
        }

        Assert.Equal(["allowed.example"], outside.Asked.Keys);
        Assert.Equal("", await Say(client, web, Public, 53));
    }

    [Fact]
    public async Task The_hosts_own_network_has_nothing_of_the_containers_and_they_nothing_of_it()
    {
        const string everything = "ip -o link; ip rule; ip -4 route show table all; ip -o -4 addr; nft list ruleset; cd /proc/sys/net; cat ipv4/ip_forward ipv4/conf/*/forwarding ipv4/conf/*/rp_filter ipv4/conf/*/route_localnet ipv6/conf/all/forwarding";
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        outside.Serve(Outside.OwnAddress, 80, "host");
        string before = await outside.InHostAsync(everything);
        await client.Tool("createNetwork", new { name = "members" });
        (Container web, Container db) = (await client.Run(new ContainerSpec { Networks = { "members" } }), await client.Run(new ContainerSpec { Networks = { "members" } }));
        await client.Tool("establishConnection", new { from = web.Id, to = db.Id, port = 80 });
        await Connect(client, web, "allowed.example", 80);
        await client.Tool("bindPort", new { container = web.Id, port = 80 });
        Assert.Equal("public\n", await Say(client, web, "allowed.example", 80));
        Assert.Equal(before, await outside.InHostAsync(everything));
        Assert.Equal("", await Say(client, web, Outside.OwnAddress, 80));
        await Connect(client, web, Outside.OwnAddress + "/32", 81); // not even by what looks like a way there
        outside.Serve(Outside.OwnAddress, 81, "host");
        Assert.Equal("", await Say(client, web, Outside.OwnAddress, 81));
    }

    [Fact]
    public async Task A_container_waits_for_so_many_names_and_is_told_so_of_one_more()
    {
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        Container web = await client.Run();
        await Connect(client, web, "*.example", 80);
        outside.IsSilent = true;
        using Socket asker = await NameQuestions.ConnectAsync(web, SocketType.Dgram);
        for (ushort i = 0; i <= LookUps.MostOfOne; i++)
        {
            await asker.SendAsync(NameQuestions.Of($"n{i}.example", i), Cancellation);
        }

        byte[] answer = new byte[512];
        int length = await asker.ReceiveAsync(answer, Cancellation); // the first one, of whichever it was that came when there were so many
        Assert.Equal(NameQuestions.ServerFailure, NameQuestions.Read(answer.AsSpan(0, length)).Code);
        JsonElement denied = await client.Tool("getEvents", new { container = web.Id, types = new[] { "egress.denied" }, wait = "5s" });
        Assert.Equal("too many names are asked for at once", Assert.Single(denied.GetProperty("events").EnumerateArray()).GetProperty("attributes").Text("reason"));
    }

    [Fact]
    public async Task A_range_leads_to_its_addresses_on_its_port_and_never_to_the_host()
    {
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        outside.Serve("127.0.0.1", 80, "host");
        outside.Serve(Outside.OwnAddress, 80, "host");
        Container web = await client.Run();
        await Connect(client, web, "11.22.33.0/24", 80);
        await Connect(client, web, "11.0.0.0/8", 80); // one within the other
        Assert.Equal("public\n", await Say(client, web, Public, 80));
        Assert.Equal("", await Say(client, web, Private, 80));
        Assert.Equal("", await Say(client, web, Public, 81));
        await client.Tool("severConnection", new { from = web.Id, to = "11.0.0.0/8", port = 80 });
        Assert.Equal("other\n", await Say(client, web, Other, 80));
        await Connect(client, web, "0.0.0.0/0", 80);
        Assert.Equal("private\n", await Say(client, web, Private, 80));
        Assert.Equal("", await Say(client, web, Outside.OwnAddress, 80));
        Assert.Equal("", await Say(client, web, Metadata, 80));
        JsonElement denied = await client.Tool("getEvents", new { container = web.Id, types = new[] { "egress.denied" }, wait = "5s" });
        Assert.Contains(denied.GetProperty("events").EnumerateArray(), e => e.GetProperty("attributes").Text("to") == $"{Outside.OwnAddress}:80");
    }

    [Fact]
    public async Task The_hosts_own_port_is_reached_where_it_was_said_and_severing_ends_the_stream()
    {
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        outside.Serve("127.0.0.1", 8080, "host");
        Container web = await client.Run();
        await Connect(client, web, "host", 8080, alias: "model");
        Assert.Equal("host\n", await Say(client, web, "host", 8080));
        Assert.Equal("host\n", await Say(client, web, "model", 8080));
        outside.Serve("127.0.0.1", 8081, "host");
        Assert.Equal("", await Say(client, web, "host", 8081));
        string exec = (await client.Tool("execInContainer", new { container = web.Id, command = new[] { "sh", "-c", "mkfifo /tmp/f; exec 3<>/tmp/f; nc host 8080 <&3" }, background = true })).Text("execId");
        await Eventually(async () => (await client.Tool("getExec", new { execId = exec, wait = "5s" })).GetProperty("output").GetArrayLength() > 0);
        JsonElement severed = await client.Tool("severConnection", new { from = web.Id, to = "host", port = 8080 });
        Assert.True(severed.GetProperty("bytes").GetInt64() > 0);
        await Eventually(async () => !(await client.Tool("getExec", new { execId = exec, wait = "5s" })).GetProperty("exec").GetProperty("running").GetBoolean());
        Assert.Equal("", await Say(client, web, "host", 8080));
    }

    [Fact]
    public async Task An_agent_connects_outside_where_its_grant_leads_and_tells_what_was_decided()
    {
        await using Outside outside = await World();
        QuiltService.QuiltServiceClient client = outside.Daemon.Client;
        string none = await client.Agent(), some = await client.Agent("""{"egress":["*.example"]}""", name: "some");
        ErrorDetail narrow = await client.ToolRefused("createAgent", """{"name":"child","config":{"grant":{"egress":["*.org"]}}}""", some);
        Assert.Equal("permission_denied", narrow.Code);
        string web = (await client.Tool("createContainer", new { autoStart = true }, none)).Id();
        ErrorDetail refused = await client.ToolRefused("establishConnection", new { from = web, to = "allowed.example", port = 80 }, none);
        Assert.Equal(("permission_denied", "to"), (refused.Code, refused.Field));
        Assert.Contains("egress", refused.Message, StringComparison.Ordinal);
        web = (await client.Tool("createContainer", new { autoStart = true }, some)).Id();
        Assert.Equal("permission_denied", (await client.ToolRefused("establishConnection", new { from = web, to = "host", port = 80 }, some)).Code);
        Assert.Equal("permission_denied", (await client.ToolRefused("establishConnection", new { from = web, to = "0.0.0.0/0", port = 80 }, some)).Code);
        string edge = (await client.Tool("establishConnection", new { from = web, to = "allowed.example", port = 80 }, some)).GetProperty("connection").Id();
        for (int i = 0; i < 3; i++)
        {
            await client.Tool("execInContainer", new { container = web, command = new[] { "sh", "-c", "nc allowed.example 80 </dev/null" } }, some);
        }

        JsonElement allowed = await client.Tool("getEvents", new { container = web, types = new[] { "egress.allowed" }, wait = "5s" }, some);
        JsonElement told = allowed.GetProperty("events")[0].GetProperty("attributes");
        Assert.Equal(("allowed.example:80", edge), (told.Text("to"), told.Text("connection")));
    }

    private static async Task<Outside> World()
    {
        Outside outside = await Outside.StartAsync(Public, Other, Private, Metadata);
        outside.Serve(Public, 80, "public");
        outside.Serve(Public, 81, "public");
        outside.Serve(Other, 80, "other");
        outside.Serve(Other, 81, "other");
        outside.Serve(Private, 80, "private");
        outside.Serve(Metadata, 80, "metadata");
        outside.Names["allowed.example"] = outside.Names["neighbour.example"] = Public;
        outside.Names["other.example"] = Other;
        return outside;
    }

    private static Task<JsonElement> Connect(QuiltService.QuiltServiceClient client, Container from, string to, int port, string? alias = null) =>
        client.Tool("establishConnection", new { from = from.Id, to, port, alias });

    private static async Task<string> Say(QuiltService.QuiltServiceClient client, Container from, string to, int port) =>
        (await client.Exec(from.Id, $"nc -w 5 {to} {port} </dev/null")).Stdout;
}
