using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>A stock client of the Model Context Protocol, over HTTP with TLS and a token, and over standard streams.</summary>
public sealed class McpTests(TlsDaemonFixture fixture) : IClassFixture<TlsDaemonFixture>
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";
    private readonly QuiltService.QuiltServiceClient _client = fixture.Daemon.Client;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_lists_and_calls_what_its_token_grants(bool http)
    {
        string token = await _client.Agent("""{"tools":{"deny":["pauseContainer"]}}""");
        await using McpClient client = await Connect(http, token);
        IList<McpClientTool> tools = await client.ListToolsAsync(cancellationToken: Cancellation);
        Assert.Contains(tools, t => t.Name == "createContainer");
        Assert.DoesNotContain(tools, t => t.Name is "pauseContainer" or "ponderTool");
        Assert.All(tools, t => Assert.NotNull(t.ProtocolTool.OutputSchema));
        string id = Structured(await client.CallToolAsync("createContainer", Arguments(new { name = "web" }), cancellationToken: Cancellation)).Id();
        await client.CallToolAsync("startContainer", Arguments(new { container = "web" }), cancellationToken: Cancellation);
        JsonElement done = Structured(await client.CallToolAsync("execInContainer", Arguments(new { container = "web", command = new[] { "echo", "hi" } }), cancellationToken: Cancellation));
        Assert.Equal("hi\n", done.Text("stdout"));
        CallToolResult denied = await client.CallToolAsync("pauseContainer", Arguments(new { container = "web" }), cancellationToken: Cancellation);
        Assert.True(denied.IsError);
        Assert.Contains("tools.deny", ((TextContentBlock)denied.Content[0]).Text, StringComparison.Ordinal);
        CallToolResult wrong = await client.CallToolAsync("execInContainer", Arguments(new { container = "web", comand = "x" }), cancellationToken: Cancellation);
        Assert.Contains("\"field\":\"comand\"", ((TextContentBlock)wrong.Content[0]).Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("noSuchTool", cancellationToken: Cancellation));
        CallToolResult undescribed = await client.CallToolAsync("describeTool", Arguments(new { name = "noSuchTool" }), cancellationToken: Cancellation);
        Assert.True(undescribed.IsError);
        Assert.Contains("\"field\":\"name\"", ((TextContentBlock)undescribed.Content[0]).Text, StringComparison.Ordinal);
        ReadResourceResult status = await client.ReadResourceAsync($"quilt://containers/{id}/status", cancellationToken: Cancellation);
        Assert.Contains("\"running\"", ((TextResourceContents)status.Contents[0]).Text, StringComparison.Ordinal);
        Assert.Contains(await client.ListResourcesAsync(cancellationToken: Cancellation), r => r.Uri.Contains(id, StringComparison.Ordinal));
        Assert.Contains(id, ((TextResourceContents)(await client.ReadResourceAsync("quilt://topology", cancellationToken: Cancellation)).Contents[0]).Text, StringComparison.Ordinal);
        Assert.NotEmpty(((TextResourceContents)(await client.ReadResourceAsync("quilt://guide", cancellationToken: Cancellation)).Contents[0]).Text);
        Assert.NotEmpty((await client.GetPromptAsync("onboarding", cancellationToken: Cancellation)).Messages);
        Assert.False((await client.CallToolAsync("removeContainer", Arguments(new { container = "web", force = true }), cancellationToken: Cancellation)).IsError ?? false);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Long_work_tells_its_progress_and_can_be_cancelled(bool http)
    {
        string token = await _client.Agent();
        await using McpClient client = await Connect(http, token);
        string id = Structured(await client.CallToolAsync("createContainer", Arguments(new { autoStart = true }), cancellationToken: Cancellation)).Id();
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        ValueTask<CallToolResult> waiting = client.CallToolAsync(
            "waitForContainer", Arguments(new { container = id, timeout = "60s" }), new Progress<ProgressNotificationValue>(_ => told.TrySetResult()), cancellationToken: enough.Token);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        if (!http)
        {
            // Over HTTP this client closes its request, which by the protocol cancels nothing; what it asked ends with its time.
            await Eventually(async () => (await _client.Tool("getAudit", new { tool = "waitForContainer" }, token)).GetProperty("entries").EnumerateArray().Any(e => e.TryGetProperty("code", out JsonElement c) && c.GetString() == "cancelled"));
        }

        await _client.Tool("removeContainer", new { container = id, force = true }, token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_connection_made_ends_with_it_and_with_one_that_is_lost_after_its_grace(bool http)
    {
        string token = await _client.Agent(more: ""","session":{"orphanGrace":"300ms"}""");
        McpClient client = await Connect(http, token);
        string mine = Structured(await client.CallToolAsync("createContainer", Arguments(new { autoStart = true, stopTimeout = 0 }), cancellationToken: Cancellation)).Id();
        string service = Structured(await client.CallToolAsync("createContainer", Arguments(new { strategy = "service" }), cancellationToken: Cancellation)).Id();
        await client.DisposeAsync();
        await Eventually(async () => (await _client.Tool("listContainers", null, token)).GetProperty("containers").EnumerateArray().Select(c => c.Id()).SequenceEqual([service]));
        await _client.Tool("removeContainer", new { container = service }, token);
        Assert.NotEqual(mine, service);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_the_end_of_its_session_a_connection_has_another(bool http)
    {
        string token = await _client.Agent();
        await using McpClient client = await Connect(http, token);
        JsonElement first = Structured(await client.CallToolAsync("createContainer", cancellationToken: Cancellation));
        string ended = Structured(await client.CallToolAsync("endSession", cancellationToken: Cancellation)).GetProperty("session").Id();
        Assert.Equal(ended, Structured(await client.CallToolAsync("endSession", cancellationToken: Cancellation)).GetProperty("session").Id());
        CallToolResult refused = await client.CallToolAsync("beginTask", Arguments(new { name = "late", session = ended }), cancellationToken: Cancellation);
        Assert.Contains($"the session '{ended}' has ended", ((TextContentBlock)refused.Content[0]).Text, StringComparison.Ordinal);
        JsonElement second = Structured(await client.CallToolAsync("createContainer", cancellationToken: Cancellation));
        Assert.NotEqual(first.Id(), second.Id());
        Assert.NotEqual(ended, Structured(await client.CallToolAsync("endSession", cancellationToken: Cancellation)).GetProperty("session").Id());
        Assert.Empty((await _client.Tool("listContainers", null, token)).GetProperty("containers").EnumerateArray());
    }

    [Fact]
    public async Task A_lazy_client_sees_a_handful_of_tools_and_reaches_the_others()
    {
        string token = await _client.Agent();
        await using McpClient client = await Connect(http: true, token, "?lazy=1");
        IList<McpClientTool> tools = await client.ListToolsAsync(cancellationToken: Cancellation);
        Assert.InRange(tools.Count, 3, 8);
        JsonElement found = Structured(await client.CallToolAsync("listTools", Arguments(new { query = "log" }), cancellationToken: Cancellation));
        Assert.Contains(found.GetProperty("tools").EnumerateArray(), t => t.Text("name") == "getContainerLogs");
        JsonElement called = Structured(await client.CallToolAsync("callTool", Arguments(new { name = "getSystemMetrics" }), cancellationToken: Cancellation));
        Assert.Equal(JsonValueKind.Object, called.GetProperty("host").ValueKind);
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_token_and_no_session_is_anothers()
    {
        using HttpClient plain = new(fixture.Handler());
        foreach (string? token in (string?[])[null, "quilt_wrong"])
        {
            using HttpRequestMessage request = Request(token, """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
            using HttpResponseMessage response = await plain.SendAsync(request, Cancellation);
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Contains("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        string one = await _client.Agent(), other = await _client.Agent();
        using HttpRequestMessage begin = Request(one, Initialize);
        using HttpResponseMessage begun = await plain.SendAsync(begin, Cancellation);
        string session = begun.Headers.GetValues("Mcp-Session-Id").Single();
        using HttpRequestMessage stolen = Request(other, """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        stolen.Headers.Add("Mcp-Session-Id", session);
        using HttpResponseMessage refused = await plain.SendAsync(stolen, Cancellation);
        Assert.True(refused.StatusCode is System.Net.HttpStatusCode.Forbidden or System.Net.HttpStatusCode.NotFound, $"{refused.StatusCode}");
        using HttpRequestMessage rebound = Request(one, """{"jsonrpc":"2.0","id":3,"method":"tools/list"}""");
        rebound.Headers.Add("Origin", "https://evil.example");
        using HttpResponseMessage foreign = await plain.SendAsync(rebound, Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    [Fact]
    public async Task An_agents_connections_are_bounded_with_those_below_it_and_push_out_nobodys()
    {
        const int most = 256;
        using HttpClient plain = new(fixture.Handler());
        string token = await _client.Agent(), below = await _client.Agent(by: token), other = await _client.Agent();
        string others = await Begin(other);
        string[] sessions = await Task.WhenAll(Enumerable.Range(0, most).Select(i => Begin(i % 2 == 0 ? token : below)));
        foreach (string by in (string[])[token, below])
        {
            using HttpRequestMessage late = Request(by, Initialize);
            using HttpResponseMessage refused = await plain.SendAsync(late, Cancellation);
            Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Contains("DELETE", JsonElement.Parse(await refused.Content.ReadAsStringAsync(Cancellation)).Text("remedy"), StringComparison.Ordinal);
        }

        using HttpRequestMessage still = Request(other, """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        still.Headers.Add("Mcp-Session-Id", others);
        using HttpResponseMessage listed = await plain.SendAsync(still, Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.OK, listed.StatusCode);
        await Begin(other);

        using HttpRequestMessage end = Request(token, "{}");
        end.Method = HttpMethod.Delete;
        end.Headers.Add("Mcp-Session-Id", sessions[0]);
        using HttpResponseMessage ended = await plain.SendAsync(end, Cancellation);
        await Begin(below);

        async Task<string> Begin(string by)
        {
            using HttpRequestMessage begin = Request(by, Initialize);
            using HttpResponseMessage begun = await plain.SendAsync(begin, Cancellation);
            Assert.Equal(System.Net.HttpStatusCode.OK, begun.StatusCode);
            return begun.Headers.GetValues("Mcp-Session-Id").Single();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_is_too_long_is_refused_before_it_is_read(bool lengthIsTold)
    {
        using HttpClient plain = new(fixture.Handler());
        using HttpRequestMessage request = Request(await _client.Agent(), "");
        string message = $$"""{"jsonrpc":"2.0","id":1,"method":"{{new string('x', 16 << 20)}}"}""";
        request.Content = lengthIsTold ? new StringContent(message) : new StreamContent(new UnseekableStream(System.Text.Encoding.UTF8.GetBytes(message)));
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await plain.SendAsync(request, Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("invalid_argument", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "no Content-Type")]
    [InlineData("text/plain", "'text/plain'")]
    [InlineData("application/x-www-form-urlencoded", "'application/x-www-form-urlencoded'")]
    public async Task A_message_that_is_not_said_to_be_JSON_is_of_a_type_that_is_not_supported(string? type, string told)
    {
        using HttpClient plain = new(fixture.Handler());
        using HttpRequestMessage request = Request(await _client.Agent(), """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
        request.Content!.Headers.ContentType = type is null ? null : new(type);
        using HttpResponseMessage response = await plain.SendAsync(request, Cancellation);
        Assert.Equal((System.Net.HttpStatusCode.UnsupportedMediaType, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        JsonElement problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(("invalid_argument", "Content-Type", 415), (problem.Text("code"), problem.Text("field"), problem.GetProperty("status").GetInt32()));
        Assert.Contains(told, problem.Text("detail"), StringComparison.Ordinal);
        Assert.Contains("application/json", problem.Text("remedy"), StringComparison.Ordinal);
    }

    private HttpRequestMessage Request(string? token, string body)
    {
        HttpRequestMessage request = new(HttpMethod.Post, $"https://localhost:{fixture.Port}/mcp") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return request;
    }

    private async Task<McpClient> Connect(bool http, string token, string query = "")
    {
        IClientTransport transport = http
            ? new HttpClientTransport(
                new HttpClientTransportOptions { Endpoint = new Uri($"https://localhost:{fixture.Port}/mcp{query}"), TransportMode = HttpTransportMode.StreamableHttp, AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" } },
                new HttpClient(fixture.Handler()), ownsHttpClient: true)
            : new StdioClientTransport(new StdioClientTransportOptions
            {
                Command = Path.Combine(Programs.Folder, "quilt"),
                Arguments = ["mcp"],
                EnvironmentVariables = new Dictionary<string, string?> { ["QUILT_HOST"] = $"unix://{fixture.Daemon.Socket}", ["QUILT_TOKEN"] = token },
            });
        return await McpClient.CreateAsync(transport, new McpClientOptions { ProtocolVersion = "2025-11-25" }, cancellationToken: Cancellation);
    }

    private static Dictionary<string, object?> Arguments(object arguments) =>
        JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value);

    private static JsonElement Structured(CallToolResult result)
    {
        Assert.False(result.IsError ?? false, (result.Content.FirstOrDefault() as TextContentBlock)?.Text);
        return result.StructuredContent!.Value;
    }
}

/// <summary>Sent in chunks, for nobody knows how much there is.</summary>
internal sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;
}

/// <summary>A daemon that serves HTTP with TLS.</summary>
public sealed class TlsDaemonFixture : IAsyncLifetime
{
    public DaemonProcess Daemon { get; private set; } = null!;
    public int Port { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Port = FreePort.Find();

        // It listens on its own socket first.
        Daemon = await DaemonProcess.StartAsync(null, "--http", $"127.0.0.1:{Port}");
        await Deadline.Until(Answers);
    }

    private bool Answers()
    {
        try
        {
            using System.Net.Sockets.TcpClient client = new("127.0.0.1", Port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    /// <summary>Trusts the daemon's own certificate and no other.</summary>
    public SocketsHttpHandler Handler() => new() { SslOptions = Trust() };

    /// <summary>As <see cref="Handler"/>, for a connection alone.</summary>
    public SslClientAuthenticationOptions Trust()
    {
        X509Certificate2 trusted = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(Daemon.StateDir, "http.crt")));
        return new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted }, RevocationMode = X509RevocationMode.NoCheck },
        };
    }

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();
}
