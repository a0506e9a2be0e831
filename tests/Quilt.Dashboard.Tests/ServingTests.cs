using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Daemon.Tests;
using Quilt.Testing;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Dashboard.Tests;

/// <summary>What is answered on the dashboard's address, and to whom.</summary>
public sealed class ServingTests(DashboardFixture fixture)
{
    private readonly DashboardDaemon _daemon = fixture.Daemon;

    [Fact]
    public async Task Without_a_token_nobody_learns_anything_not_even_root()
    {
        using HttpClient http = new() { BaseAddress = new Uri(_daemon.Url) };
        foreach (string path in (string[])["v1/tools", "v1/events", "v1/usage", "v1/containers/x/logs", "v1/downloads/x"])
        {
            using HttpResponseMessage refused = await http.GetAsync(path, Cancellation);
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, refused.StatusCode));
        }

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(await _daemon.TokenAsync())).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("quilt_guess")).Status);
    }

    [Fact]
    public async Task Only_its_files_and_the_tools_are_there()
    {
        string token = await _daemon.TokenAsync();
        foreach (string path in (string[])["mcp", "openapi.json", "quilt.v1.QuiltService/GetVersion", "vendor/xterm/LICENSE", "js/../../etc/passwd", "%2e%2e/quiltd"])
        {
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await AskAsync(token, path)).Status));
        }

        // And it is on no other face.
        using HttpClient own = _daemon.Process.Http();
        Assert.Equal(HttpStatusCode.NotFound, (await own.GetAsync("/", Cancellation)).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await own.GetAsync("/v1/containers/x/terminal", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "127.0.0.1")]
    [InlineData("Host", "localhost:1")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Origin", "https://127.0.0.1:PORT")]
    public async Task A_page_of_somebody_elses_gets_nothing_even_with_a_token(string header, string value)
    {
        value = value.Replace("PORT", $"{_daemon.Port}", StringComparison.Ordinal);
        string token = await _daemon.TokenAsync();
        foreach (string path in (string[])["", "v1/tools"])
        {
            (HttpStatusCode status, string text) = await AskAsync(token, path, request => request.Headers.TryAddWithoutValidation(header, value));
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.Contains($"\"field\":\"{header}\"", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_answer_says_how_strict_a_browser_has_to_be()
    {
        using HttpClient http = new() { BaseAddress = new Uri(_daemon.Url) };
        foreach (string path in (string[])["", "js/main.js", "style.css", "icon.svg", "vendor/xterm/xterm.mjs", "v1/tools", "none"])
        {
            using HttpResponseMessage answer = await http.GetAsync(path, Cancellation);
            string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'; script-src 'self'; ", policy, StringComparison.Ordinal);
            Assert.Contains("require-trusted-types-for 'script'; trusted-types 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
            Assert.Equal(["no-referrer"], answer.Headers.GetValues("Referrer-Policy"));
            Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task The_operators_token_is_good_for_the_dashboard_alone()
    {
        string token = await _daemon.TokenAsync();
        using HttpClient own = _daemon.Process.Http();
        own.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Equal(HttpStatusCode.Unauthorized, (await own.GetAsync("/v1/tools", Cancellation)).StatusCode);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await _daemon.Client.GetInfoAsync(new GetInfoRequest(), new Metadata { { "authorization", $"Bearer {token}" } }, cancellationToken: Cancellation));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task The_command_prints_the_link_alone_where_it_is_asked_for()
    {
        using Process quilt = Process.Start(new ProcessStartInfo(Path.Combine(Programs.Folder, "quilt"), ["--host", $"unix://{_daemon.Process.Socket}", "dashboard", "--ttl", "1h"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string link = await quilt.StandardOutput.ReadToEndAsync(Cancellation);
        Assert.Contains("for 59 minutes", await quilt.StandardError.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        await quilt.WaitForExitAsync(Cancellation);
        Assert.StartsWith($"{_daemon.Url}#code=quilt_", link, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(await _daemon.TokenOfAsync(link))).Status);
    }

    [Fact]
    public async Task What_is_in_a_link_is_no_token()
    {
        string code = (await _daemon.LinkAsync()).Split("#code=")[1];
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(code)).Status);
        using HttpClient http = new() { BaseAddress = new Uri(_daemon.Url) };
        using HttpResponseMessage without = await http.PostAsync("enter", null, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        using HttpResponseMessage guessed = await _daemon.EnterAsync("#code=quilt_guess");
        Assert.Equal(HttpStatusCode.Unauthorized, guessed.StatusCode);
        JsonElement last = (await _daemon.CallAsync("getAudit", """{"outcome":"denied","limit":1}""")).GetProperty("entries").EnumerateArray().Last();
        Assert.Equal(("(nobody)", "dashboard", "/enter"), (last.GetProperty("agent").GetString(), last.GetProperty("face").GetString(), last.GetProperty("tool").GetString()));
        Assert.DoesNotContain("quilt_guess", last.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_address_has_no_more_than_its_part_of_the_connections()
    {
        const int most = 512;
        List<TcpClient> open = [];
        try
        {
            while (await IsServedAsync())
            {
                Assert.InRange(open.Count, 0, most);
            }

            Assert.Equal(most + 1, open.Count);
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(await _daemon.TokenAsync())).Status);
        }
        finally
        {
            open.ForEach(c => c.Dispose());
        }

        async Task<bool> IsServedAsync()
        {
            TcpClient client = new(new IPEndPoint(IPAddress.Parse("127.0.0.77"), 0)); // nobody else's
            open.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, _daemon.Port, Cancellation);
            try
            {
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /icon.svg HTTP/1.1\r\nHost: 127.0.0.1:{_daemon.Port}\r\n\r\n"), Cancellation);
                return await client.GetStream().ReadAsync(new byte[1], Cancellation) > 0;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_link_that_is_opened_twice_ends_what_the_first_had()
    {
        string link = await _daemon.LinkAsync(), token = await _daemon.TokenOfAsync(link);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(token)).Status);
        using HttpResponseMessage again = await _daemon.EnterAsync(link);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        JsonElement problem = JsonElement.Parse(await again.Content.ReadAsStringAsync(Cancellation));
        Assert.Contains("opened before", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("quilt dashboard", problem.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(token)).Status);
    }

    [Fact]
    public async Task What_a_link_opened_ends_with_the_daemon_and_an_agents_own_token_does_not()
    {
        await using DashboardDaemon daemon = await DashboardDaemon.StartAsync();
        string agents = (await daemon.CallAsync("createAgent", """{"name":"stays"}""")).GetProperty("token").GetString()!;
        string[] ofLinks = [await daemon.TokenAsync(), await daemon.TokenOfAsync(await daemon.LinkAsync("stays"))];
        string link = await daemon.LinkAsync();
        await daemon.Process.KillAsync();
        await daemon.RunAgainAsync();
        foreach (string token in ofLinks)
        {
            (HttpStatusCode status, string text) = await AskAsync(token, address: daemon.Url);
            Assert.Equal(HttpStatusCode.Unauthorized, status);
            Assert.Contains("quilt dashboard", text, StringComparison.Ordinal);
        }

        using HttpResponseMessage late = await daemon.EnterAsync(link);
        Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(agents, address: daemon.Url)).Status);
    }

    [Fact]
    public async Task A_link_is_revoked_at_once()
    {
        OpenDashboardResponse opened = await _daemon.Client.OpenDashboardAsync(new OpenDashboardRequest(), cancellationToken: Cancellation);
        string token = await _daemon.TokenOfAsync(opened.Url);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(token)).Status);
        await _daemon.CallAsync("revokeToken", $$"""{"tokenId":"{{opened.TokenId}}"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(token)).Status);
    }

    [Fact]
    public async Task A_link_holds_a_day_at_most_and_an_agent_makes_none_of_itself()
    {
        string agent = await NewAgentAsync();
        Assert.Equal(("invalid_argument", "ttl"), await Refused(new OpenDashboardRequest { Ttl = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromHours(25)) }));
        Assert.Equal(("invalid_argument", "ttl"), await Refused(new OpenDashboardRequest { Ttl = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero) }));
        Assert.Equal(("not_found", "agent"), await Refused(new OpenDashboardRequest { Agent = "nobody" }));
        Assert.Equal(("invalid_argument", "agent"), await Refused(new OpenDashboardRequest(), agent));

        async Task<(string Code, string Field)> Refused(OpenDashboardRequest request, string? token = null)
        {
            Metadata headers = token is null ? [] : new Metadata { { "authorization", $"Bearer {token}" } };
            ErrorDetail error = await Fails(async () => await _daemon.Client.OpenDashboardAsync(request, headers, cancellationToken: Cancellation));
            return (error.Code, error.Field);
        }
    }

    [Theory]
    [InlineData("0.0.0.0:7420", "loopback")]
    [InlineData("[::]:7420", "loopback")]
    [InlineData("127.0.0.1", "no address with a port")]
    public async Task An_address_that_others_could_reach_is_refused(string address, string why)
    {
        using TemporaryFolder folder = new();
        using Process quiltd = Process.Start(new ProcessStartInfo(
            Path.Combine(Programs.Folder, "quiltd"),
            ["--state-dir", folder["state"], "--run-dir", folder["run"], "--host-id-claims", folder["ids"], "--cgroup-parent", "quilt-daemon-tests", "--dashboard", address])
        { RedirectStandardError = true })!;
        string said = await quiltd.StandardError.ReadToEndAsync(Cancellation);
        await quiltd.WaitForExitAsync(Cancellation);
        Assert.Equal(1, quiltd.ExitCode);
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.Contains("  remedy: give ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_that_is_asked_for_wrongly_says_why()
    {
        string token = await _daemon.TokenAsync();
        Container container = await _daemon.Client.Run(new ContainerSpec());
        (string First, string Code)[] cases =
        [
            ("""{"token":"quilt_guess"}""", "unauthenticated"), ("{}", "unauthenticated"), ("[]", "invalid_argument"), ("no json", "invalid_argument"),
            ("""{"token":"TOKEN","command":[]}""", "invalid_argument"), ("""{"token":"TOKEN","command":"sh"}""", "invalid_argument"),
            ("""{"token":"TOKEN","command":["no-such-command"]}""", "command_not_found"),
        ];
        foreach ((string first, string code) in cases)
        {
            using ClientWebSocket socket = await TerminalAsync(container.Id);
            await socket.SendAsync(Encoding.UTF8.GetBytes(first.Replace("TOKEN", token, StringComparison.Ordinal)), WebSocketMessageType.Text, true, Cancellation);
            byte[] buffer = new byte[4096];
            WebSocketReceiveResult answer = await socket.ReceiveAsync(buffer, Cancellation);
            Assert.Equal((first, code), (first, JsonElement.Parse(buffer.AsSpan(0, answer.Count)).GetProperty("error").GetProperty("code").GetString()));
            Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer, Cancellation)).MessageType);
        }

        await _daemon.Client.Remove(container.Id);
    }

    [Fact]
    public async Task A_request_that_is_broken_is_no_error_of_the_daemons()
    {
        using TcpClient client = new("127.0.0.1", _daemon.Port);
        NetworkStream stream = client.GetStream();
        string request = $"POST /v1/tools/listContainers HTTP/1.1\r\nHost: 127.0.0.1:{_daemon.Port}\r\nAuthorization: Bearer {await _daemon.TokenAsync()}\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Cancellation);
        using StreamReader reader = new(stream);
        Assert.Equal("HTTP/1.1 400 Bad Request", await reader.ReadLineAsync(Cancellation));
    }

    [Fact]
    public async Task A_terminal_ends_with_the_page_and_its_command_with_it()
    {
        Container container = await _daemon.Client.Run(new ContainerSpec());
        using (ClientWebSocket socket = await TerminalAsync(container.Id))
        {
            await socket.SendAsync(
                Encoding.UTF8.GetBytes($$"""{"token":"{{await _daemon.TokenAsync()}}","command":["sleep","4711"],"columns":80,"rows":24}"""), WebSocketMessageType.Text, true, Cancellation);
            byte[] buffer = new byte[4096];
            WebSocketReceiveResult answer = await socket.ReceiveAsync(buffer, Cancellation);
            Assert.Equal("""{"started":true}""", Encoding.UTF8.GetString(buffer, 0, answer.Count));
            Assert.Contains("sleep 4711", (await _daemon.Client.Exec(container.Id, "ps")).Stdout, StringComparison.Ordinal);
            socket.Abort();
        }

        await Eventually(async () => !(await _daemon.Client.Exec(container.Id, "ps")).Stdout.Contains("sleep 4711", StringComparison.Ordinal));
        await _daemon.Client.Remove(container.Id);
    }

    [Fact]
    public async Task A_terminal_ends_with_its_token_and_says_why()
    {
        Container container = await _daemon.Client.Run(new ContainerSpec());
        OpenDashboardResponse link = await _daemon.Client.OpenDashboardAsync(new OpenDashboardRequest(), cancellationToken: Cancellation);
        using ClientWebSocket socket = await TerminalAsync(container.Id);
        await socket.SendAsync(
            Encoding.UTF8.GetBytes($$"""{"token":"{{await _daemon.TokenOfAsync(link.Url)}}","command":["sleep","4714"],"columns":80,"rows":24}"""), WebSocketMessageType.Text, true, Cancellation);
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult answer = await socket.ReceiveAsync(buffer, Cancellation);
        Assert.Equal("""{"started":true}""", Encoding.UTF8.GetString(buffer, 0, answer.Count));
        await _daemon.CallAsync("revokeToken", $$"""{"tokenId":"{{link.TokenId}}"}""");
        answer = await socket.ReceiveAsync(buffer, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal("unauthenticated", JsonElement.Parse(buffer.AsSpan(0, answer.Count)).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer, Cancellation)).MessageType);
        await Eventually(async () => !(await _daemon.Client.Exec(container.Id, "ps")).Stdout.Contains("sleep 4714", StringComparison.Ordinal));
        await _daemon.Client.Remove(container.Id);
    }

    [Fact]
    public async Task A_terminal_of_a_foreign_page_is_refused_before_it_opens()
    {
        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => TerminalAsync("x", socket => socket.Options.SetRequestHeader("Origin", "http://evil.example")));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    private async Task<ClientWebSocket> TerminalAsync(string container, Action<ClientWebSocket>? change = null)
    {
        ClientWebSocket socket = new();
        change?.Invoke(socket);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{_daemon.Port}/v1/containers/{container}/terminal"), Cancellation);
        return socket;
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string token, string path = "v1/tools", Action<HttpRequestMessage>? change = null, string? address = null)
    {
        using HttpClient http = new() { BaseAddress = new Uri(address ?? _daemon.Url) };
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        change?.Invoke(request);
        using HttpResponseMessage answer = await http.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<string> NewAgentAsync() => (await _daemon.CallAsync("createAgent", $$"""{"name":"agent-{{Guid.NewGuid():N}}"}""")).GetProperty("token").GetString()!;
}
