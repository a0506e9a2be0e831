using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>What is open with a token ends with it, and nothing else does.</summary>
public sealed class TokenEndTests(DaemonFixture fixture)
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task Every_stream_and_call_of_grpc_ends_with_the_token_that_it_was_opened_with()
    {
        string name = $"a{Guid.NewGuid():N}"[..20], kept = await _client.Agent(name: name);
        (string id, string token) = await NewToken(name);
        string container = (await _client.Tool("createContainer", new { autoStart = true }, kept)).Id();
        Metadata headers = Bearer(token);
        using AsyncServerStreamingCall<Event> events = _client.GetEvents(new GetEventsRequest { Follow = true }, headers, cancellationToken: Cancellation);
        using AsyncServerStreamingCall<Event> others = _client.GetEvents(new GetEventsRequest { Follow = true }, Bearer(kept), cancellationToken: Cancellation);
        using AsyncServerStreamingCall<GetStatsResponse> stats = _client.GetStats(new GetStatsRequest { Follow = true }, headers, cancellationToken: Cancellation);
        using AsyncServerStreamingCall<LogLine> logs = _client.GetLogs(new GetLogsRequest { Container = container, Follow = true }, headers, cancellationToken: Cancellation);
        using AsyncDuplexStreamingCall<StreamInput, StreamOutput> exec = _client.ExecStream(headers, cancellationToken: Cancellation);
        await exec.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = container, Command = { "sleep", "4712" }, StdinOpen = true } }, Cancellation);
        using AsyncDuplexStreamingCall<McpMessage, McpMessage> mcp = _client.Mcp(headers, cancellationToken: Cancellation);
        await mcp.RequestStream.WriteAsync(new McpMessage { Json = Initialize }, Cancellation);
        Task<ErrorDetail> waiting = _client.ToolRefused("waitForContainer", new { container, timeout = "10m" }, token);
        foreach (Func<Task<bool>> answers in (Func<Task<bool>>[])[() => events.ResponseStream.MoveNext(Cancellation), () => stats.ResponseStream.MoveNext(Cancellation), () => exec.ResponseStream.MoveNext(Cancellation), () => mcp.ResponseStream.MoveNext(Cancellation)])
        {
            Assert.True(await answers());
        }

        await _client.Tool("revokeToken", new { tokenId = id });
        string[] ended =
        [
            (await EndOf(events.ResponseStream)).Message, (await EndOf(stats.ResponseStream)).Message, (await EndOf(logs.ResponseStream)).Message,
            (await EndOf(exec.ResponseStream)).Message, (await EndOf(mcp.ResponseStream)).Message, (await waiting).Message,
        ];
        Assert.All(ended, message => Assert.Equal($"the token {id} was revoked, and what was opened with it has ended", message));
        await Eventually(async () => !(await _client.Exec(container, "ps")).Stdout.Contains("sleep 4712", StringComparison.Ordinal));

        // Another token of the same agent is as good as before.
        await _client.Tool("removeContainer", new { container, force = true }, kept);
        while (await others.ResponseStream.MoveNext(Cancellation) && others.ResponseStream.Current.Type != "container.removed")
        {
        }

        Assert.Equal("container.removed", others.ResponseStream.Current.Type);
    }

    [Fact]
    public async Task Every_stream_of_http_ends_with_the_token_that_it_was_opened_with()
    {
        string name = $"a{Guid.NewGuid():N}"[..20], kept = await _client.Agent(name: name);
        (string id, string token) = await NewToken(name);
        string container = (await _client.Tool("createContainer", new { autoStart = true, command = new[] { "sh", "-c", "echo said; exec sleep 1000" } }, kept)).Id();
        using HttpClient http = fixture.Daemon.Http();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        List<System.IO.StreamReader> streams =
        [
            await Open(http, HttpMethod.Get, "/v1/events?follow=true"), await Open(http, HttpMethod.Get, "/v1/usage?follow=true"), await Open(http, HttpMethod.Get, $"/v1/containers/{container}/logs?follow=true"),
            await Open(http, HttpMethod.Post, $"/v1/containers/{container}/exec", """{"command":["sh","-c","echo said; exec sleep 4713"]}"""),
        ];
        foreach (System.IO.StreamReader stream in streams)
        {
            Assert.StartsWith("event: ", await stream.ReadLineAsync(Cancellation), StringComparison.Ordinal);
        }

        await _client.Tool("revokeToken", new { tokenId = id });
        foreach (System.IO.StreamReader stream in streams)
        {
            string rest = await stream.ReadToEndAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
            Assert.Contains("event: error\ndata: {\"code\":\"unauthenticated\"", rest, StringComparison.Ordinal);
            stream.Dispose();
        }

        await Eventually(async () => !(await _client.Exec(container, "ps")).Stdout.Contains("sleep 4713", StringComparison.Ordinal));
        await _client.Tool("removeContainer", new { container, force = true }, kept);
    }

    [Fact]
    public async Task The_stream_on_which_a_client_of_mcp_is_told_of_things_ends_with_its_token()
    {
        string name = $"a{Guid.NewGuid():N}"[..20];
        await _client.Agent(name: name);
        (string id, string token) = await NewToken(name);
        using HttpClient http = fixture.Daemon.Http();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json, text/event-stream");
        using HttpResponseMessage begun = await http.PostAsync("/mcp", new StringContent(Initialize, Encoding.UTF8, "application/json"), Cancellation);
        http.DefaultRequestHeaders.Add("Mcp-Session-Id", begun.Headers.GetValues("Mcp-Session-Id").Single());
        using System.IO.StreamReader told = await Open(http, HttpMethod.Get, "/mcp");
        await _client.Tool("revokeToken", new { tokenId = id });
        await Assert.ThrowsAnyAsync<IOException>(() => told.ReadToEndAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
    }

    [Fact]
    public async Task A_stream_ends_when_its_token_expires_and_when_its_agent_is_removed()
    {
        string name = $"a{Guid.NewGuid():N}"[..20], kept = await _client.Agent(name: name);
        using AsyncServerStreamingCall<Event> removed = _client.GetEvents(new GetEventsRequest { Follow = true }, Bearer(kept), cancellationToken: Cancellation);
        await removed.ResponseHeadersAsync;
        (string id, string token) = await NewToken(name, "5s");
        using AsyncServerStreamingCall<GetStatsResponse> expired = _client.GetStats(new GetStatsRequest { Follow = true }, Bearer(token), cancellationToken: Cancellation);
        Assert.True(await expired.ResponseStream.MoveNext(Cancellation));
        Assert.StartsWith($"the token {id} expired at ", (await EndOf(expired.ResponseStream)).Message, StringComparison.Ordinal);
        await _client.Tool("removeAgent", new { agent = name, force = true });
        Assert.Equal("unauthenticated", (await EndOf(removed.ResponseStream)).Code);
    }

    /// <summary>A message is on its way when the token ends, nearly always.</summary>
    [Fact]
    public async Task A_stream_that_never_pauses_says_why_it_ends()
    {
        string name = $"a{Guid.NewGuid():N}"[..20], kept = await _client.Agent(name: name);
        string container = (await _client.Tool("createContainer", new { autoStart = true }, kept)).Id();
        for (int round = 0; round < 5; round++)
        {
            (string id, string token) = await NewToken(name);
            using AsyncDuplexStreamingCall<StreamInput, StreamOutput> exec = _client.ExecStream(Bearer(token), cancellationToken: Cancellation);
            await exec.RequestStream.WriteAsync(new StreamInput { Exec = new ExecRequest { Container = container, Command = { "yes" } } }, Cancellation);
            do
            {
                Assert.True(await exec.ResponseStream.MoveNext(Cancellation));
            }
            while (exec.ResponseStream.Current.OutputCase != StreamOutput.OutputOneofCase.Stdout);

            Task<ErrorDetail> end = EndOf(exec.ResponseStream);
            await _client.Tool("revokeToken", new { tokenId = id });
            Assert.Equal($"the token {id} was revoked, and what was opened with it has ended", (await end).Message);
        }

        await _client.Tool("removeContainer", new { container, force = true }, kept);
    }

    private async Task<(string Id, string Secret)> NewToken(string agent, string? ttl = null)
    {
        JsonElement made = await _client.Tool("createToken", ttl is null ? new { agent } : new { agent, ttl });
        return (made.Text("tokenId"), made.Text("token"));
    }


    /// <summary>Why a stream ends; what comes before is passed over.</summary>
    private static Task<ErrorDetail> EndOf<T>(IAsyncStreamReader<T> stream) => ToolCalls.Refused(async () =>
    {
        while (await stream.MoveNext(Cancellation))
        {
        }
    }).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

    private static async Task<System.IO.StreamReader> Open(HttpClient http, HttpMethod method, string path, string? body = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("text/event-stream");
        HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        return new System.IO.StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
    }
}
