using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Limits hold for an agent and all below it together, also for calls that race.</summary>
public sealed class AgentLimitTests(DaemonFixture fixture)
{
    private const int Limit = 10, Calls = 50;
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task The_usual_limits_give_way_to_those_of_the_grant()
    {
        string token = await _client.Agent("""{"limits":{"pids":200,"memory":"256MiB"}}""");
        JsonElement made = await _client.Tool("createContainer", token: token);
        Assert.Equal(2, made.GetProperty("warnings").GetArrayLength());
        JsonElement limits = (await _client.Tool("getContainerStatus", new { container = made.Id() }, token)).GetProperty("limits");
        Assert.Equal((200, 256L << 20), (limits.GetProperty("pids").GetInt32(), limits.GetProperty("memory").GetInt64()));
        await _client.Tool("removeContainer", new { container = made.Id() }, token);
        string name = (await _client.Tool("buildImage", new { dockerfileText = "FROM quilt/busybox\nRUN true\n" }, token)).GetProperty("names")[0].GetString()!;
        await _client.Tool("removeImage", new { image = name }, token);
    }

    [Fact]
    public async Task That_swap_is_not_in_what_a_grant_limits_is_told()
    {
        string token = await _client.Agent("""{"limits":{"memory":"256MiB"}}""");
        JsonElement made = await _client.Tool("createContainer", new { memory = "64MiB", swap = "64MiB" }, token);
        Assert.Contains("no swap", Assert.Single(made.GetProperty("warnings").EnumerateArray()).GetString(), StringComparison.Ordinal);
        await _client.Tool("removeContainer", new { container = made.Id() }, token);
    }

    [Fact]
    public async Task Of_fifty_calls_that_race_as_many_succeed_as_the_limit_has_also_split_over_delegated_agents()
    {
        string token = await _client.Agent($$$"""{"limits":{"containers":{{{Limit}}}}}""");
        string[] tokens = [token, await _client.Agent(by: token), await _client.Agent(by: token)];
        (string? Id, string? Code, string? Remedy)[] outcomes = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => Try(tokens[i % 3])));
        Assert.Equal(Limit, outcomes.Count(o => o.Id is not null));
        Assert.All(outcomes.Where(o => o.Id is null), o => Assert.Equal("resource_exhausted", o.Code));
        Assert.All(outcomes.Where(o => o.Id is null), o => Assert.NotEmpty(o.Remedy!));

        // One that goes frees its place, for whichever of them.
        await _client.Tool("removeContainer", new { container = outcomes.First(o => o.Id is not null).Id }, token);
        Assert.NotNull((await Try(tokens[2])).Id);
        Assert.Null((await Try(tokens[1])).Id);
        Assert.Equal(Limit, (await _client.Tool("getAgent", null, token)).GetProperty("agent").GetProperty("usage").GetProperty("containers").GetInt32());
        foreach (JsonElement container in (await _client.Tool("listContainers", null, token)).GetProperty("containers").EnumerateArray())
        {
            await _client.Tool("removeContainer", new { container = container.Id() }, token);
        }
    }

    [Fact]
    public async Task Of_connections_and_ports_that_race_as_many_succeed_as_the_limit_has_also_after_a_restart_and_one_that_goes_frees_its_place()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        QuiltService.QuiltServiceClient client = daemon.Client;
        string above = await client.Agent($$$"""{"limits":{"edges":{{{Limit}}},"ports":{{{Limit}}}},"ports":[{"from":1,"to":65535}]}"""), below = await client.Agent("""{"ports":[{"from":1,"to":65535}]}""", by: above);
        string[] tokens = [above, below];
        string[] web = [.. await Task.WhenAll(tokens.Select(async t => (await client.Tool("createContainer", new { name = "web" }, t)).Id()))];
        string db = (await client.Tool("createContainer", new { name = "db" }, below)).Id();
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => TryConnect(i % 2, port: 1000 + i)));
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => Allowed(i % 4 < 2 ? "exposePort" : "bindPort", new { container = web[i % 2], port = 1000 + i }, tokens[i % 2])));
        Assert.Equal((Limit, Limit), await Usage());
        await daemon.KillAsync();
        await daemon.RunAsync();
        client = daemon.Client;
        Assert.Equal((Limit, Limit), await Usage());
        foreach ((string tool, object asked, string field) in ((string, object, string)[])
            [("establishConnection", new { from = web[1], to = db, port = 1 }, "limits.edges"), ("exposePort", new { container = web[1], port = 1 }, "limits.ports"), ("bindPort", new { container = web[1], port = 1 }, "limits.ports")])
        {
            ErrorDetail error = await client.ToolRefused(tool, asked, below);
            Assert.Equal(("resource_exhausted", field), (error.Code, error.Field));
            Assert.Contains("which delegated to you", error.Message, StringComparison.Ordinal);
            Assert.NotEmpty(error.Remedy);
        }

        // The same one again is no other.
        JsonElement edge = (await client.Tool("getContainerNetworkInfo", new { container = web[1] }, below)).GetProperty("outgoing")[0];
        int port = edge.GetProperty("connection").GetProperty("port").GetInt32();
        Assert.False((await client.Tool("establishConnection", new { from = web[1], to = db, port }, below)).GetProperty("isNew").GetBoolean());
        await client.Tool("severConnection", new { from = web[1], to = db, port }, below);
        Assert.True(await TryConnect(0, port: 1));
        Assert.False(await TryConnect(0, port: 2));

        // What goes with its container too.
        await client.Tool("removeContainer", new { container = web[1] }, below);
        await client.Tool("removeContainer", new { container = web[0] }, above);
        Assert.Equal((0, 0), await Usage());
        web[1] = (await client.Tool("createContainer", new { name = "web" }, below)).Id();
        Assert.True(await TryConnect(1, port: 1));
        Assert.True(await Allowed("exposePort", new { container = web[1], port = 1 }, below));

        Task<bool> TryConnect(int by, int port) => Allowed("establishConnection", new { from = web[by], to = db, port }, tokens[by]);

        async Task<(int Edges, int Ports)> Usage()
        {
            JsonElement usage = (await client.Tool("getAgent", null, above)).GetProperty("agent").GetProperty("usage");
            return (usage.GetProperty("edges").GetInt32(), usage.GetProperty("ports").GetInt32());
        }

        async Task<bool> Allowed(string tool, object asked, string token)
        {
            try
            {
                await client.Tool(tool, asked, token);
                return true;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task An_agent_is_shown_each_of_its_limits()
    {
        const string limits = """{"containers":2,"memory":1073741824,"cpus":1,"pids":100,"disk":1073741824,"volumes":2,"networks":2,"edges":2,"ports":2,"snapshots":2,"execs":2,"calls":2,"agents":2,"ttl":"1h"}""";
        string token = await _client.Agent($$"""{"limits":{{limits}}}"""), below = await _client.Agent(by: token);
        foreach (string each in (string[])[token, below])
        {
            JsonElement shown = (await _client.Tool("getAgent", null, each)).GetProperty("agent").GetProperty("limits");
            Assert.Equal(JsonElement.Parse(limits).EnumerateObject().Select(l => l.Name).Order(), shown.EnumerateObject().Select(l => l.Name).Order());
        }
    }

    [Fact]
    public async Task Memory_and_cpus_are_summed_and_the_error_says_how_much_is_left()
    {
        string token = await _client.Agent("""{"limits":{"memory":"300MiB","cpus":1.5}}""");
        string id = (await _client.Tool("createContainer", new { memory = "200MiB", cpus = 1 }, token)).Id();
        ErrorDetail error = await _client.ToolRefused("createContainer", new { memory = "200MiB" }, token);
        Assert.Equal(("resource_exhausted", "limits.memory"), (error.Code, error.Field));
        Assert.Contains($"{100 << 20} left", error.Message, StringComparison.Ordinal);
        Assert.Equal("limits.cpus", (await _client.ToolRefused("createContainer", new { memory = "50MiB", cpus = 0.6 }, token)).Field);
        await _client.Tool("removeContainer", new { container = id }, token);
    }

    [Fact]
    public async Task Volumes_in_memory_are_memory()
    {
        string token = await _client.Agent("""{"limits":{"memory":"300MiB"}}""");
        await _client.Tool("createVolume", new { name = "one", type = "tmpfs", size = "200MiB" }, token);
        ErrorDetail error = await _client.ToolRefused("createVolume", new { name = "two", type = "tmpfs", size = "200MiB" }, token);
        Assert.Equal(("resource_exhausted", "limits.memory"), (error.Code, error.Field));
        Assert.Contains($"{100 << 20} left", error.Message, StringComparison.Ordinal);
        Assert.Equal("limits.memory", (await _client.ToolRefused("createContainer", new { memory = "200MiB" }, token)).Field);
        await _client.Tool("createVolume", new { name = "two", size = "200MiB" }, token);
        await _client.Tool("removeVolume", new { volume = "one" }, token);
        await _client.Tool("createContainer", new { memory = "200MiB" }, token);
        Assert.Equal("limits.memory", (await _client.ToolRefused("createVolume", new { name = "one", type = "tmpfs", size = "200MiB" }, token)).Field);

        // One is no larger than all the memory that there is.
        ErrorDetail large = await _client.ToolRefused("createVolume", new { name = "large", type = "tmpfs", size = "4TiB" });
        Assert.Equal(("invalid_argument", "size"), (large.Code, large.Field));
    }

    [Fact]
    public async Task An_upload_too_many_is_refused_with_its_reason()
    {
        const int most = 64;
        string token = await _client.Agent();
        await Task.WhenAll(Enumerable.Range(0, most).Select(_ => _client.UploadBytes([1], token)));
        ErrorDetail error = await Fails(() => _client.UploadBytes([1], token));
        Assert.Equal("resource_exhausted", error.Code);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public async Task Commands_at_once_are_counted_those_in_the_background_too()
    {
        string token = await _client.Agent("""{"limits":{"execs":2}}""");
        string id = (await _client.Tool("createContainer", new { autoStart = true }, token)).Id();
        string first = (await _client.Tool("execInContainer", new { container = id, command = new[] { "cat" }, background = true }, token)).Text("execId");
        await _client.Tool("execInContainer", new { container = id, command = new[] { "cat" }, background = true }, token);
        ErrorDetail error = await _client.ToolRefused("execInContainer", new { container = id, command = new[] { "true" } }, token);
        Assert.Equal(("resource_exhausted", "limits.execs"), (error.Code, error.Field));
        await _client.Tool("sendExecInput", new { execId = first, closeStdin = true }, token);
        await _client.Tool("getExec", new { execId = first, wait = "10s" }, token);
        Assert.Equal(0, (await _client.Tool("execInContainer", new { container = id, command = new[] { "true" } }, token)).GetProperty("exitCode").GetInt32());
        await _client.Tool("removeContainer", new { container = id, force = true }, token);
    }

    [Fact]
    public async Task Commands_that_go_to_the_background_at_once_are_no_more_than_the_limit()
    {
        const int most = 3;
        string token = await _client.Agent($$$"""{"limits":{"execs":{{{most}}}}}""");
        string id = (await _client.Tool("createContainer", new { autoStart = true }, token)).Id();
        for (int round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Begin()));
            string[] begun = await Running();
            Assert.InRange(begun.Length, 1, most);

            // One after the other it has as many as it may.
            for (int i = begun.Length; i < most; i++)
            {
                Assert.True(await Begin());
            }

            Assert.False(await Begin());
            foreach (string exec in await Running())
            {
                await _client.Tool("killExec", new { execId = exec }, token);
                await _client.Tool("getExec", new { execId = exec, wait = "10s" }, token);
            }
        }

        await _client.Tool("removeContainer", new { container = id, force = true }, token);

        async Task<string[]> Running() => [.. (await _client.Tool("listExecs", new { container = id }, token)).GetProperty("execs").EnumerateArray().Where(e => e.GetProperty("running").GetBoolean()).Select(e => e.Text("execId"))];

        async Task<bool> Begin()
        {
            try
            {
                await _client.Tool("execInContainer", new { container = id, command = new[] { "cat" }, background = true }, token);
                return true;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task What_is_uploaded_counts_as_disk_of_its_agent_and_those_above_until_it_is_used()
    {
        string above = await _client.Agent("""{"limits":{"disk":"3MiB"}}"""), below = await _client.Agent(by: above);
        byte[] content = new byte[2 << 20];
        string upload = await _client.UploadBytes(content, below);
        ErrorDetail error = await Fails(() => _client.UploadBytes(content, above));
        Assert.Equal(("resource_exhausted", "limits.disk"), (error.Code, error.Field));
        Assert.Equal("limits.disk", (await Fails(() => _client.UploadBytes(content, below))).Field);
        Assert.Equal(content.Length, (await _client.Tool("getAgent", null, above)).GetProperty("agent").GetProperty("usage").GetProperty("disk").GetInt64());
        await _client.ToolRefused("loadImage", new { archive = new { upload } }, below); // it is no image, and used all the same
        await _client.UploadBytes(content, above);
    }

    [Fact]
    public async Task The_kernel_holds_an_agents_containers_together_to_its_limits()
    {
        JsonElement made = await _client.Tool("createAgent", new { name = $"k{Guid.NewGuid():N}"[..20], config = new { grant = new { limits = new { pids = 30, memory = "128MiB" } } } });
        string token = made.Text("token"), group = $"agent-{made.GetProperty("agent").Id()}";
        string one = (await _client.Tool("createContainer", new { pids = 25, memory = "64MiB", autoStart = true }, token)).Id();
        string other = (await _client.Tool("createContainer", new { pids = 25, memory = "64MiB", autoStart = true }, token)).Id();
        const string Fork = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 100 & done; sleep 100";
        foreach (string id in (string[])[one, other])
        {
            await _client.Tool("execInContainer", new { container = id, command = new[] { "sh", "-c", Fork }, background = true }, token);
        }

        // Each alone has room for all of its processes; both together have not.
        string[] folders = [.. CgroupHierarchy.OfHost().SelectMany(h => Directory.Exists(Path.Combine(h.MountPoint, fixture.Daemon.CgroupParent)) ? Directory.EnumerateDirectories(Path.Combine(h.MountPoint, fixture.Daemon.CgroupParent), group, SearchOption.AllDirectories) : [])];
        string pids = folders.First(f => File.Exists(Path.Combine(f, "pids.max")));
        Assert.Equal("30", (await File.ReadAllTextAsync(Path.Combine(pids, "pids.max"), TestContext.Current.CancellationToken)).Trim());
        await Deadline.Until(() => Current() >= 27); // a shell that could not fork has ended
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(Current() <= 30));
        await _client.Tool("removeAgent", new { agent = made.GetProperty("agent").Id(), force = true });
        int Current() => int.Parse(File.ReadAllText(Path.Combine(pids, "pids.current")), System.Globalization.CultureInfo.InvariantCulture);
        Assert.All(folders, f => Assert.False(Directory.Exists(f)));
    }

    private async Task<(string? Id, string? Code, string? Remedy)> Try(string token)
    {
        try
        {
            return ((await _client.Tool("createContainer", new { memory = "16MiB" }, token)).Id(), null, null);
        }
        catch (RpcException e)
        {
            ErrorDetail error = e.GetRpcStatus()!.Details.Single().Unpack<ErrorDetail>();
            return (null, error.Code, error.Remedy);
        }
    }
}
