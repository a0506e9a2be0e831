using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Agents with their tokens: what they may do, and that nothing of another's is there for them.</summary>
public sealed class AgentTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task An_agent_creates_starts_execs_reads_logs_and_removes_and_what_is_outside_its_grant_is_refused_by_its_rule()
    {
        string token = await _client.Agent("""{"tools":{"deny":["pauseContainer"]}}""");
        string id = (await _client.Tool("createContainer", new { name = "web", command = new[] { "sh", "-c", "echo started; exec sleep 1000" } }, token)).Id();
        Assert.Equal("running", (await _client.Tool("startContainer", new { container = "web" }, token)).Text("state"));
        JsonElement done = await _client.Tool("execInContainer", new { container = "web", command = new[] { "sh", "-c", "echo out; echo err >&2; exit 3" } }, token);
        Assert.Equal((3, "out\n", "err\n"), (done.GetProperty("exitCode").GetInt32(), done.Text("stdout"), done.Text("stderr")));
        await _client.Tool("waitForContainer", new { container = "web", until = "log", pattern = "started", timeout = "10s" }, token);
        Assert.Equal("started", (await _client.Tool("getContainerLogs", new { container = "web" }, token)).GetProperty("lines")[0].Text("text"));
        ErrorDetail denied = await _client.ToolRefused("pauseContainer", new { container = "web" }, token);
        Assert.Equal("permission_denied", denied.Code);
        Assert.Contains("tools.deny 'pauseContainer'", denied.Message, StringComparison.Ordinal);
        Assert.Contains("listTools", denied.Remedy, StringComparison.Ordinal);
        JsonElement audit = (await _client.Tool("getAudit", new { outcome = "denied" }, token)).GetProperty("entries");
        Assert.Equal("pauseContainer", audit[audit.GetArrayLength() - 1].Text("tool"));
        Assert.Contains("tools.deny", audit[audit.GetArrayLength() - 1].Text("rule"), StringComparison.Ordinal);
        Assert.Equal(id, (await _client.Tool("removeContainer", new { container = "web", force = true }, token)).GetProperty("removed")[0].GetString());
    }

    [Fact]
    public async Task Who_may_not_list_the_tools_is_not_told_to()
    {
        string token = await _client.Agent("""{"tools":{"allow":["listContainers"]}}""");
        ErrorDetail denied = await _client.ToolRefused("listTools", new { }, token);
        Assert.Equal(("permission_denied", "ask for a wider grant"), (denied.Code, denied.Remedy));
    }

    [Fact]
    public async Task The_same_rules_hold_for_every_call_whatever_its_kind()
    {
        Container others = await _client.Run();
        string nobody = "quilt_nonsense", granted = await _client.Agent("""{"tools":{"allow":["listContainers","getContainerStatus"]}}""");
        using GrpcChannel channel = DaemonProcess.Connect(fixture.Daemon.Socket);
        AnyCall calls = new(channel.CreateCallInvoker(), others.Id);
        Assert.True(AnyCall.All.Count() >= 30);
        foreach (MethodDescriptor method in AnyCall.All.Where(m => m.Name != "GetVersion")) // which is there for all
        {
            Assert.Equal((method.Name, "unauthenticated"), (method.Name, await OutcomeAsync(method, nobody)));
            string expected = method.Name switch { "ListContainers" or "Mcp" => "answered", "GetContainer" => "not_found", _ => "permission_denied" };
            Assert.Equal((method.Name, expected), (method.Name, await OutcomeAsync(method, granted)));
        }

        Assert.Empty((await _client.ListContainersAsync(new ListContainersRequest { All = true }, Bearer(granted), cancellationToken: Cancellation)).Containers);
        await _client.Remove(others.Id);

        async Task<string> OutcomeAsync(MethodDescriptor method, string token)
        {
            try
            {
                Assert.NotNull(await calls.MakeAsync(method, token));
                return "answered";
            }
            catch (RpcException e)
            {
                return e.GetRpcStatus()?.GetDetail<ErrorDetail>()?.Code ?? e.Message;
            }
        }
    }

    [Fact]
    public async Task Anothers_container_is_not_found_by_id_name_prefix_exec_event_or_taken_name()
    {
        string one = await _client.Agent(), other = await _client.Agent();
        string name = $"c{Guid.NewGuid():N}"[..20];
        string id = (await _client.Tool("createContainer", new { name, autoStart = true }, one)).Id();
        string exec = (await _client.Tool("execInContainer", new { container = id, command = new[] { "cat" }, background = true }, one)).Text("execId");
        ErrorDetail nobody = await _client.ToolRefused("getContainerStatus", new { container = "0123456789abcdef0123456789abcdef" }, other);
        foreach (string key in (string[])[id, name, id[..8]])
        {
            foreach (string tool in (string[])["getContainerStatus", "stopContainer", "getContainerLogs", "listExecs", "getResourceUsage"])
            {
                ErrorDetail hidden = await _client.ToolRefused(tool, new { container = key }, other);
                Assert.Equal(("not_found", nobody.Message.Replace("0123456789abcdef0123456789abcdef", key, StringComparison.Ordinal), nobody.Remedy), (hidden.Code, hidden.Message, hidden.Remedy));
            }
        }

        Assert.Equal("not_found", (await _client.ToolRefused("getExec", new { execId = exec }, other)).Code);
        Assert.Empty((await _client.Tool("listContainers", null, other)).GetProperty("containers").EnumerateArray());
        Assert.DoesNotContain((await _client.Tool("getEvents", new { limit = 1000 }, other)).GetProperty("events").EnumerateArray(), e => e.TryGetProperty("container", out JsonElement c) && c.GetString() == id);

        // A name is its agent's own.
        string mine = (await _client.Tool("createContainer", new { name }, other)).Id();
        Assert.NotEqual(id, mine);
        Assert.Equal("already_exists", (await _client.ToolRefused("createContainer", new { name }, other)).Code);
        await _client.Tool("removeContainer", new { container = name }, other);
        await _client.Tool("removeContainer", new { container = name, force = true }, one);
    }

    [Fact]
    public async Task A_shared_container_can_be_used_and_not_changed()
    {
        string owner = await _client.Agent(), guest = await _client.Agent();
        string guestId = (await _client.Tool("getAgent", null, guest)).GetProperty("agent").Id();
        string id = (await _client.Tool("createContainer", new { name = "shared", env = new { SECRET = "hidden" }, autoStart = true }, owner)).Id();
        await _client.Tool("shareContainer", new { container = id, agent = guestId }, owner);
        Assert.Equal("hi\n", (await _client.Tool("execInContainer", new { container = id, command = new[] { "echo", "hi" } }, guest)).Text("stdout"));
        Assert.Equal("hidden", (await Environment(owner))["SECRET"]);
        Assert.Equal("", (await Environment(guest))["SECRET"]);
        Assert.Equal("permission_denied", (await _client.ToolRefused("removeContainer", new { container = id, force = true }, guest)).Code);
        Assert.Equal("permission_denied", (await _client.ToolRefused("shareContainer", new { container = id, agent = guestId }, guest)).Code);
        await _client.Tool("shareContainer", new { container = id, agent = guestId, revoke = true }, owner);
        Assert.Equal("not_found", (await _client.ToolRefused("getContainerStatus", new { container = id }, guest)).Code);
        await _client.Tool("removeContainer", new { container = id, force = true }, owner);

        async Task<IDictionary<string, string>> Environment(string token) =>
            (await _client.GetContainerAsync(new ContainerRequest { Container = id }, Bearer(token), cancellationToken: Cancellation)).Env;
    }

    [Fact]
    public async Task With_how_many_a_container_is_shared_is_bounded()
    {
        const int most = 100;
        string token = await _client.Agent();
        string id = (await _client.Tool("createContainer", null, token)).Id();
        for (int i = 0; i < most; i++)
        {
            await _client.Tool("shareContainer", new { container = id, agent = $"{i:x16}" }, token);
        }

        await _client.Tool("shareContainer", new { container = id, agent = $"{0:x16}" }, token); // it is already
        ErrorDetail refused = await _client.ToolRefused("shareContainer", new { container = id, agent = $"{most:x16}" }, token);
        Assert.Equal(("resource_exhausted", "agent"), (refused.Code, refused.Field));
        await _client.Tool("shareContainer", new { container = id, agent = $"{0:x16}", revoke = true }, token);
        await _client.Tool("shareContainer", new { container = id, agent = $"{most:x16}" }, token);
        await _client.Tool("removeContainer", new { container = id }, token);
    }

    [Fact]
    public async Task How_many_tokens_an_agent_has_is_bounded_and_those_that_have_ended_make_room()
    {
        const int most = 100;
        JsonElement made = await _client.Tool("createAgent", new { name = $"t{Guid.NewGuid():N}"[..20] });
        string agent = made.GetProperty("agent").Id();
        for (int i = 1; i < most; i++)
        {
            await _client.Tool("createToken", new { agent });
        }

        ErrorDetail refused = await _client.ToolRefused("createToken", new { agent });
        Assert.Equal(("resource_exhausted", "agent"), (refused.Code, refused.Field));
        Assert.Contains("revokeToken", refused.Remedy, StringComparison.Ordinal);
        await _client.Tool("revokeToken", new { tokenId = made.Text("tokenId") });
        Assert.Contains("revoked", (await _client.ToolRefused("listContainers", null, made.Text("token"))).Message, StringComparison.Ordinal);
        await _client.Tool("listContainers", null, (await _client.Tool("createToken", new { agent })).Text("token"));
        Assert.Equal("unauthenticated", (await _client.ToolRefused("listContainers", null, made.Text("token"))).Code);
        Assert.Equal(most, (await _client.Tool("listTokens", new { agent })).GetProperty("tokens").GetArrayLength());
    }

    [Fact]
    public async Task An_agent_whose_token_cannot_be_written_down_is_not_there()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        using (Storage.Database database = Storage.Database.Open(Path.Combine(daemon.StateDir, "quilt.db")))
        {
            database.Write(writer => writer.Run("CREATE TRIGGER no_token BEFORE INSERT ON token BEGIN SELECT RAISE(ABORT, 'no token'); END"));
            await daemon.Client.ToolRefused("createAgent", new { name = "whole" });
            database.Write(writer => writer.Run("DROP TRIGGER no_token"));
        }

        await daemon.Client.Tool("listContainers", null, await daemon.Client.Agent(name: "whole"));
    }

    [Fact]
    public async Task A_token_that_is_missing_unknown_expired_or_revoked_opens_nothing()
    {
        JsonElement made = await _client.Tool("createAgent", new { name = $"t{Guid.NewGuid():N}"[..20] });
        string agent = made.GetProperty("agent").Id(), token = made.Text("token");
        Assert.Equal("unauthenticated", (await _client.ToolRefused("listContainers", null, "quilt_nonsense")).Code);
        JsonElement brief = await _client.Tool("createToken", new { agent, ttl = "1ms" });
        await Deadline.Until(() => DateTimeOffset.UtcNow > brief.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Contains("expired", (await _client.ToolRefused("listContainers", null, brief.Text("token"))).Message, StringComparison.Ordinal);
        await _client.Tool("listContainers", null, token);
        await _client.Tool("revokeToken", new { tokenId = made.Text("tokenId") });
        Assert.Contains("revoked", (await _client.ToolRefused("listContainers", null, token)).Message, StringComparison.Ordinal);
        JsonElement another = await _client.Tool("createToken", new { agent });
        await _client.Tool("removeAgent", new { agent });
        Assert.Equal("unauthenticated", (await _client.ToolRefused("listContainers", null, another.Text("token"))).Code);
    }

    [Fact]
    public async Task Tokens_are_nowhere_on_the_disk_nor_in_the_audit()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        string token = await daemon.Client.Agent();
        await daemon.Client.Tool("execInContainer", new { container = "none", command = new[] { "x" }, env = new { A = "s3cret-value" } }, token).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.DoesNotContain("s3cret-value", (await daemon.Client.Tool("getAudit")).GetRawText(), StringComparison.Ordinal);
        Assert.NotEqual("", await daemon.FilesWith("execInContainer")); // it is written down by now
        Assert.Equal("", await daemon.FilesWith("s3cret-value"));
        Assert.Equal("", await daemon.FilesWith(token["quilt_".Length..]));
    }

    [Fact]
    public async Task An_agents_grant_bounds_images_capabilities_and_time()
    {
        string token = await _client.Agent("""{"images":["quilt/other"],"limits":{"ttl":"1h"}}""");
        Assert.Equal(("permission_denied", "image"), Both(await _client.ToolRefused("createContainer", null, token)));
        Assert.Empty((await _client.Tool("listImages", null, token)).GetProperty("images").EnumerateArray());
        token = await _client.Agent("""{"images":["quilt/*"],"limits":{"ttl":"1h"}}""");
        Assert.Equal(("permission_denied", "capabilities.add"), Both(await _client.ToolRefused("createContainer", new { capabilities = new { add = new[] { "SYS_ADMIN" } } }, token)));
        Assert.Equal(("permission_denied", "ttl"), Both(await _client.ToolRefused("createContainer", new { ttl = "2h" }, token)));
        JsonElement made = await _client.Tool("createContainer", null, token);
        Assert.InRange(made.GetProperty("expiresAt").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61));
        Assert.Contains("limits.ttl", made.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(("permission_denied", "ttl"), Both(await _client.ToolRefused("extendContainer", new { container = made.Id(), ttl = "3h" }, token)));
        await _client.Tool("removeContainer", new { container = made.Id() }, token);
    }

    [Fact]
    public async Task Removing_an_agent_takes_all_it_has_and_nothing_else()
    {
        JsonElement made = await _client.Tool("createAgent", new { name = $"r{Guid.NewGuid():N}"[..20] });
        string agent = made.GetProperty("agent").Id(), token = made.Text("token"), below = await _client.Agent(by: token);
        string mine = (await _client.Tool("createContainer", new { strategy = "service", autoStart = true }, token)).Id();
        string theirs = (await _client.Tool("createContainer", new { autoStart = true }, below)).Id();
        Container others = await _client.Run();
        Assert.Equal("failed_precondition", (await _client.ToolRefused("removeAgent", new { agent })).Code);
        JsonElement removed = await _client.Tool("removeAgent", new { agent, force = true });
        Assert.Equal(new[] { mine, theirs }.Order(), removed.GetProperty("removedContainers").EnumerateArray().Select(c => c.GetString()!).Order());
        Assert.Equal("unauthenticated", (await _client.ToolRefused("listContainers", null, below)).Code);
        Assert.Equal(ContainerState.Running, (await _client.Get(others.Id)).State);
        await _client.Remove(others.Id);
    }

    [Fact]
    public async Task A_key_gives_the_first_outcome_again_also_to_who_calls_at_once()
    {
        string token = await _client.Agent();
        string key = $"k{Guid.NewGuid():N}";
        JsonElement[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _client.Tool("createContainer", new { labels = new { a = "b" }, idempotencyKey = key }, token)));
        Assert.Single(all.Select(a => a.Id()).Distinct());
        Assert.Single((await _client.Tool("listContainers", null, token)).GetProperty("containers").EnumerateArray());
        Assert.Equal(("already_exists", "idempotencyKey"), Both(await _client.ToolRefused("createContainer", new { labels = new { a = "c" }, idempotencyKey = key }, token)));
        Metadata headers = new() { { "authorization", $"Bearer {token}" }, { "idempotency-key", "typed" } };
        string first = (await _client.CreateContainerAsync(new CreateContainerRequest(), headers, cancellationToken: Cancellation)).Container.Id;
        Assert.Equal(first, (await _client.CreateContainerAsync(new CreateContainerRequest(), headers, cancellationToken: Cancellation)).Container.Id);
        foreach (JsonElement container in (await _client.Tool("listContainers", null, token)).GetProperty("containers").EnumerateArray())
        {
            await _client.Tool("removeContainer", new { container = container.Id() }, token);
        }
    }

    [Theory]
    [InlineData("noSuchTool", "{}", "not_found", "name")]
    [InlineData("createcontainer", "{}", "not_found", "name")]
    [InlineData("createContainer", "[]", "invalid_argument", "arguments")]
    [InlineData("createContainer", "{", "invalid_argument", "arguments")]
    [InlineData("createContainer", """{"nam":"x"}""", "invalid_argument", "nam")]
    [InlineData("execInContainer", """{"container":"x","command":[]}""", "invalid_argument", "command")]
    [InlineData("execInContainer", """{"command":["id"]}""", "invalid_argument", "container")]
    [InlineData("createContainer", """{"strategy":"task"}""", "invalid_argument", "taskId")]
    [InlineData("createContainer", """{"strategy":"task","taskId":"none"}""", "not_found", "task")]
    [InlineData("createContainer", """{"taskId":"x"}""", "invalid_argument", "taskId")]
    [InlineData("waitForContainer", """{"container":"x"}""", "invalid_argument", "timeout")]
    [InlineData("endSession", "{}", "invalid_argument", "session")]
    [InlineData("beginSession", """{"ttl":"-1s"}""", "invalid_argument", "ttl")]
    [InlineData("getEvents", """{"types":["x"]}""", "invalid_argument", "types")]
    [InlineData("removeAgent", """{"agent":"none"}""", "not_found", "agent")]
    [InlineData("createAgent", """{"name":"x","config":{"grant":{"tools":{"level":"god"}}}}""", "invalid_argument", "config.grant.tools.level")]
    [InlineData("createAgent", """{"name":"../x"}""", "invalid_argument", "name")]
    [InlineData("createAgent", """{"name":"operator"}""", "invalid_argument", "name")]
    [InlineData("createAgent", """{"name":"Operator"}""", "invalid_argument", "name")]
    [InlineData("createContainer", """{"pids":4194305}""", "invalid_argument", "pids")]
    [InlineData("getEvents", """{"since":"x"}""", "invalid_argument", "since")]
    [InlineData("describeTool", """{"name":"x"}""", "not_found", "name")]
    public async Task Bad_input_is_refused_with_code_and_field(string tool, string arguments, string code, string field)
    {
        ErrorDetail error = await _client.ToolRefused(tool, arguments);
        Assert.Equal((code, field), Both(error));
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public async Task Output_that_does_not_fit_is_kept_whole()
    {
        string token = await _client.Agent();
        string id = (await _client.Tool("createContainer", new { autoStart = true }, token)).Id();
        JsonElement done = await _client.Tool("execInContainer", new { container = id, command = new[] { "seq", "20000" }, outputLimit = 1000 }, token);
        Assert.True(done.GetProperty("truncated").GetBoolean());
        Assert.InRange(done.Text("stdout").Length, 900, 1200);
        List<string> lines = [];
        string cursor = "";
        while (true)
        {
            JsonElement part = await _client.Tool("getExec", new { execId = done.Text("execId"), cursor }, token);
            lines.AddRange(part.GetProperty("output").EnumerateArray().Select(l => l.Text("text")));
            cursor = part.Text("cursor");
            if (!part.GetProperty("truncated").GetBoolean())
            {
                Assert.Equal(0, part.GetProperty("exec").GetProperty("exitCode").GetInt32());
                break;
            }
        }

        Assert.Equal(Enumerable.Range(1, 20000).Select(i => $"{i}"), lines);
        await _client.Tool("removeContainer", new { container = id, force = true }, token);
    }

    [Fact]
    public async Task Every_tool_tells_what_its_caller_may_call_and_nothing_is_of_both_kinds()
    {
        ListToolsResponse all = await _client.ListToolsAsync(new ListToolsRequest(), cancellationToken: Cancellation);
        Assert.All(all.Tools, t => Assert.Contains(t.Scope, (string[])["primitive", "cognitive"]));
        Assert.Equal(["parseDocumentTool", "ponderTool", "webSearchTool", "writeCodeTool"], all.Tools.Where(t => t.Scope == "cognitive").Select(t => t.Name));
        Assert.All(all.Tools, t => Assert.Equal(t.Level == "safe", t.ReadOnly));
        Assert.All((await _client.ListToolsAsync(new ListToolsRequest { Level = "safe" }, cancellationToken: Cancellation)).Tools, t => Assert.True(t.ReadOnly));
        string token = await _client.Agent();
        Assert.DoesNotContain((await _client.ListToolsAsync(new ListToolsRequest(), new Metadata { { "authorization", $"Bearer {token}" } }, cancellationToken: Cancellation)).Tools, t => t.Scope == "cognitive");
        Assert.Equal("permission_denied", (await _client.ToolRefused("ponderTool", new { question = "why?" }, token)).Code);
        Assert.Equal("failed_precondition", (await _client.ToolRefused("ponderTool", new { question = "why?" })).Code);
    }

    private static (string Code, string Field) Both(ErrorDetail error) => (error.Code, error.Field);
}
