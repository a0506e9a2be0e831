using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>The same tools over HTTP and JSON.</summary>
public sealed class HttpTests(TlsDaemonFixture fixture) : IClassFixture<TlsDaemonFixture>
{
    [Fact]
    public async Task A_tool_is_a_path_and_an_error_is_a_problem()
    {
        using HttpClient http = fixture.Daemon.Http();
        using HttpResponseMessage made = await http.PostAsync("/v1/tools/createContainer", Json("""{"autoStart":true}"""), Cancellation);
        string id = JsonElement.Parse(await made.Content.ReadAsStringAsync(Cancellation)).Id();
        using HttpResponseMessage missing = await http.PostAsync("/v1/tools/startContainer", Json("""{"container":"none"}"""), Cancellation);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (missing.StatusCode, missing.Content.Headers.ContentType!.MediaType));
        JsonElement problem = JsonElement.Parse(await missing.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(("not_found", "container", 404), (problem.Text("code"), problem.Text("field"), problem.GetProperty("status").GetInt32()));
        using HttpResponseMessage wrong = await http.PostAsync("/v1/tools/startContainer", Json("no json"), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        string exec = await Events(http, HttpMethod.Post, $"/v1/containers/{id}/exec", """{"command":["sh","-c","echo out; echo err >&2; exit 4"]}""");
        Assert.Contains($"event: stdout\ndata: {{\"base64\":\"{Convert.ToBase64String("out\n"u8)}\"}}", exec, StringComparison.Ordinal);
        Assert.Contains("event: exit\ndata: {\"exitCode\":4,\"timedOut\":false}", exec, StringComparison.Ordinal);
        Assert.Contains("\"container.started\"", await Events(http, HttpMethod.Get, $"/v1/events?container={id}", null), StringComparison.Ordinal);
        await http.PostAsync("/v1/tools/removeContainer", Json($$"""{"container":"{{id}}","force":true}"""), Cancellation);
    }

    [Fact]
    public async Task A_log_can_be_read_on_from_the_last_event()
    {
        using HttpClient http = fixture.Daemon.Http();
        Container container = await fixture.Daemon.Client.Run(Shell("echo one; echo two"));
        await fixture.Daemon.Client.WaitExited(container.Id);
        string all = await Events(http, HttpMethod.Get, $"/v1/containers/{container.Id}/logs", null);
        string first = all.Split('\n').First(l => l.StartsWith("id: ", StringComparison.Ordinal))["id: ".Length..];
        using HttpRequestMessage rest = new(HttpMethod.Get, $"/v1/containers/{container.Id}/logs");
        rest.Headers.Add("Last-Event-ID", first);
        using HttpResponseMessage response = await http.SendAsync(rest, Cancellation);
        string more = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("two", more, StringComparison.Ordinal);
        Assert.DoesNotContain("one", more, StringComparison.Ordinal);
        await fixture.Daemon.Client.Remove(container.Id);
    }

    [Theory]
    [InlineData("GET", "/no/such", HttpStatusCode.NotFound, "not_found", "path")]
    [InlineData("DELETE", "/v1/tools/listContainers", HttpStatusCode.MethodNotAllowed, "invalid_argument", "method")]
    public async Task What_is_not_there_is_told_as_any_other_error(string method, string path, HttpStatusCode status, string code, string field)
    {
        using HttpClient http = fixture.Daemon.Http();
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
        JsonElement problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((status, code, field), (response.StatusCode, problem.Text("code"), problem.Text("field")));
        Assert.NotEmpty(problem.Text("remedy"));
    }

    [Fact]
    public async Task The_description_has_every_tool()
    {
        using HttpClient http = fixture.Daemon.Http();
        JsonElement document = JsonElement.Parse(await http.GetStringAsync("/openapi.json", Cancellation));
        Assert.StartsWith("3.1", document.Text("openapi"), StringComparison.Ordinal);
        ListToolsResponse tools = await fixture.Daemon.Client.ListToolsAsync(new ListToolsRequest(), cancellationToken: Cancellation);
        Assert.All(
            [.. tools.Tools.Select(t => $"/v1/tools/{t.Name}"), "/v1/uploads", "/v1/downloads/{name}", "/v1/events", "/v1/usage", "/v1/containers/{name}/logs", "/v1/containers/{name}/exec"],
            path => Assert.True(document.GetProperty("paths").TryGetProperty(path, out _), path));
    }

    [Fact]
    public async Task Over_the_network_nobody_gets_in_without_tls_and_a_token()
    {
        using HttpClient own = fixture.Daemon.Http(), http = new(fixture.Handler()) { BaseAddress = new Uri($"https://localhost:{fixture.Port}") };
        JsonElement described = JsonElement.Parse(await own.GetStringAsync("/openapi.json", Cancellation)).GetProperty("paths");
        (HttpMethod Method, string Path)[] requests =
        [
            .. described.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Where(m => m.Name is "get" or "post").Select(m => (HttpMethod.Parse(m.Name), path.Name.Replace("{name}", "x", StringComparison.Ordinal)))),
            (HttpMethod.Get, "/v1/tools"), (HttpMethod.Get, "/metrics"), (HttpMethod.Post, "/mcp"), (HttpMethod.Get, "/mcp"),
        ];
        Assert.True(requests.Length > 80);
        using GrpcChannel channel = GrpcChannel.ForAddress(http.BaseAddress, new GrpcChannelOptions { HttpHandler = fixture.Handler() });
        AnyCall calls = new(channel.CreateCallInvoker(), "x");
        foreach (string token in (string[])["", "quilt_nonsense"])
        {
            http.DefaultRequestHeaders.Authorization = token.Length > 0 ? new("Bearer", token) : null;
            foreach ((HttpMethod method, string path) in requests)
            {
                using HttpRequestMessage request = new(method, path) { Content = method == HttpMethod.Post ? Json("{}") : null };
                using HttpResponseMessage nobody = await http.SendAsync(request, Cancellation);
                Assert.Equal((path, HttpStatusCode.Unauthorized), (path, nobody.StatusCode));
            }

            foreach (MethodDescriptor method in AnyCall.All.Where(m => m.Name != "GetVersion"))
            {
                RpcException refused = await Assert.ThrowsAsync<RpcException>(() => calls.MakeAsync(method, token));
                Assert.Equal((method.Name, StatusCode.Unauthenticated), (method.Name, refused.StatusCode));
            }
        }

        http.DefaultRequestHeaders.Authorization = new("Bearer", await fixture.Daemon.Client.Agent());
        using HttpResponseMessage known = await http.PostAsync("/v1/tools/listContainers", Json("{}"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        using HttpClient plain = new() { BaseAddress = new Uri($"http://localhost:{fixture.Port}") };
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.PostAsync("/v1/tools/listContainers", Json("{}"), Cancellation));
    }

    [Fact]
    public async Task A_command_whose_container_ends_with_its_shim_ends_with_an_error()
    {
        Container container = await fixture.Daemon.Client.Run();
        using HttpClient http = fixture.Daemon.Http();
        using HttpRequestMessage request = new(HttpMethod.Post, $"/v1/containers/{container.Id}/exec") { Content = Json("""{"command":["sleep","1000"]}""") };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using System.IO.StreamReader events = new(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("event: started", await events.ReadLineAsync(Cancellation));
        Sys.Kill(ShimOf(container), Signals.Kill);
        Assert.Contains("event: error\ndata: {\"code\":\"aborted\"", await events.ReadToEndAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation), StringComparison.Ordinal);
        await fixture.Daemon.Client.WaitExited(container.Id);
        await fixture.Daemon.Client.Remove(container.Id);
    }

    [Theory]
    [InlineData("/v1/tools/listContainers", "application/json", "http", null, "no token is given")]
    [InlineData("/mcp", "application/json", "mcp", null, "no token is given")]
    [InlineData("/quilt.v1.QuiltService/ListContainers", "application/grpc", "grpc", null, "no token is given")]
    [InlineData("/v1/tools/listContainers", "application/json", "http", "Basic b3Blbjpz", "the authorization is of an unknown kind")]
    [InlineData("/mcp", "application/json", "mcp", "Basic b3Blbjpz", "the authorization is of an unknown kind")]
    [InlineData("/quilt.v1.QuiltService/ListContainers", "application/grpc", "grpc", "b3Blbjpz", "the authorization is of an unknown kind")]
    public async Task Of_whoever_is_not_known_nothing_is_read_and_the_audit_has_it(string path, string type, string face, string? authorization, string why)
    {
        using HttpClient http = Outside();
        using UnendingContent content = new(type);
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TE.ParseAdd("trailers");
        Assert.True(authorization is null || request.Headers.TryAddWithoutValidation("Authorization", authorization));
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal(face == "grpc" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, response.StatusCode);
        await LastOfNobody(face, path == "/mcp" ? path : "listContainers", why);
    }

    [Theory]
    [InlineData("/v1/tools/listContainers", "http", "Basic b3Blbjpz", "the authorization is of an unknown kind")]
    [InlineData("/mcp", "mcp", "Basic b3Blbjpz", "the authorization is of an unknown kind")]
    [InlineData("/mcp", "mcp", "Bearer b3Blbjpz", "the token is not known")]
    public async Task Whoever_says_wrongly_who_he_is_on_the_daemons_own_socket_is_in_the_audit_too(string path, string face, string authorization, string why)
    {
        using HttpClient http = fixture.Daemon.Http();
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = Json("{}") };
        Assert.True(request.Headers.TryAddWithoutValidation("Authorization", authorization));
        using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        await LastOfNobody(face, path == "/mcp" ? path : "listContainers", why);
    }

    /// <summary>The audit's last refusal is that one, with nothing of what was brought.</summary>
    private async Task LastOfNobody(string face, string tool, string why)
    {
        JsonElement last = (await fixture.Daemon.Client.Tool("getAudit", new { outcome = "denied", limit = 1 })).GetProperty("entries").EnumerateArray().Last();
        Assert.Equal(("(nobody)", face, tool, "unauthenticated", why), (last.Text("agent"), last.Text("face"), last.Text("tool"), last.Text("code"), last.Text("rule")));
        Assert.DoesNotContain("b3Blbjpz", last.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_not_known_is_told_so_over_grpc_as_over_any_other_face_and_is_shown_nothing()
    {
        using GrpcChannel channel = GrpcChannel.ForAddress($"https://localhost:{fixture.Port}", new GrpcChannelOptions { HttpHandler = fixture.Handler(), DisposeHttpClient = true });
        QuiltService.QuiltServiceClient client = new(channel);
        ErrorDetail refused = await ToolCalls.Refused(async () => await client.ListContainersAsync(new ListContainersRequest(), cancellationToken: Cancellation));
        Assert.Equal("unauthenticated", refused.Code);
        Assert.Contains("quilt agent create", refused.Remedy, StringComparison.Ordinal);
        Assert.Equal("unauthenticated", (await client.ToolRefused("listContainers", null, "quilt_wrong")).Code);
        await client.Tool("listContainers", null, await fixture.Daemon.Client.Agent());

        using HttpClient http = Outside();
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/openapi.json", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/no/such", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("/v1/tools/listContainers", "application/json")]
    [InlineData("/mcp", "application/json")]
    [InlineData("/quilt.v1.QuiltService/ListContainers", "application/grpc")]
    public async Task What_an_agent_sends_at_once_is_bounded_before_its_calls_are_counted(string path, string type)
    {
        const int most = 64 << 20, bytes = 15 << 20;
        string token = await fixture.Daemon.Client.Agent("""{"limits":{"calls":1}}""");
        using HttpClient http = Outside();
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        List<Task<HttpResponseMessage>> waiting = [];
        for (int i = 0; i < most / bytes; i++)
        {
            UnendingContent content = new(type, bytes);
            waiting.Add(SendAsync(content));
            await content.Sent.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        }

        using HttpResponseMessage refused = await SendAsync(new UnendingContent(type, bytes)).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        if (type == "application/grpc")
        {
            Assert.Equal("8", refused.Headers.GetValues("grpc-status").Single());
        }
        else
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Contains("resource_exhausted", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }

        // Others have their own place, and the agent its own again when they are over.
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        Assert.Equal(HttpStatusCode.OK, await Call(await fixture.Daemon.Client.Agent()));
        Assert.Equal(HttpStatusCode.TooManyRequests, await Call(token));
        await gone.CancelAsync();
        await Eventually(async () => await Call(token) == HttpStatusCode.OK);
        Assert.All(waiting, w => Assert.False(w.IsCompletedSuccessfully));

        Task<HttpResponseMessage> SendAsync(UnendingContent content)
        {
            HttpRequestMessage request = new(HttpMethod.Post, path) { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.TE.ParseAdd("trailers");
            request.Headers.Accept.ParseAdd("application/json, text/event-stream");
            request.Headers.Authorization = new("Bearer", token);
            return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, gone.Token);
        }

        async Task<HttpStatusCode> Call(string by)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/tools/listContainers") { Content = Json("{}".PadRight(12 << 20)) };
            request.Headers.Authorization = new("Bearer", by);
            using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Connections_from_outside_are_bounded_and_leave_the_daemons_own_sockets_alone()
    {
        const int most = 1024, mostOfOne = 512, closing = 64; // of the tests before
        List<SslStream> open = [];
        try
        {
            Assert.InRange(await Fill("127.0.0.1"), mostOfOne - closing, mostOfOne);
            Assert.Equal(mostOfOne, await Fill("127.0.0.2"));
            Assert.InRange(open.Count + await Fill("127.0.0.3"), most - closing, most);
            await fixture.Daemon.Client.ListContainersAsync(new ListContainersRequest(), cancellationToken: Cancellation);
            await open[0].DisposeAsync();
            await Eventually(async () => await Connect("127.0.0.1") is { } another && open.Remove(open[0]) && Add(another));
        }
        finally
        {
            open.ForEach(c => c.Dispose());
        }

        async Task<int> Fill(string from)
        {
            int count = 0;
            for (; count <= mostOfOne && await Connect(from) is { } connection; count++)
            {
                open.Add(connection);
            }

            return count;
        }

        bool Add(SslStream connection)
        {
            open.Add(connection);
            return true;
        }
    }

    /// <returns>Null: it was closed.</returns>
    private async Task<SslStream?> Connect(string from)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, fixture.Port, Cancellation);
        SslStream stream = new(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(fixture.Trust(), Cancellation);
            return stream;
        }
        catch (IOException)
        {
            await stream.DisposeAsync();
            return null;
        }
    }

    private HttpClient Outside() => new(fixture.Handler()) { BaseAddress = new Uri($"https://localhost:{fixture.Port}") };

    private static async Task<string> Events(HttpClient http, HttpMethod method, string path, string? body)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : Json(body) };
        using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}

/// <summary>A body of which some comes, and then nothing.</summary>
internal sealed class UnendingContent : HttpContent
{
    private readonly byte[] _begin;
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="bytes">How much comes: as gRPC has it, of a message that is longer than they are.</param>
    internal UnendingContent(string type, int bytes = 5)
    {
        Headers.ContentType = new MediaTypeHeaderValue(type);
        _begin = new byte[bytes];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(_begin.AsSpan(1), bytes);
    }

    /// <summary>That much has gone out.</summary>
    internal Task Sent => _sent.Task;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_begin, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        _sent.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
