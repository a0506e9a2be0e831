using System.Net;
using System.Text;
using System.Text.Json;
using Quilt.Api.V1;
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
        using HttpClient http = new(fixture.Handler()) { BaseAddress = new Uri($"https://localhost:{fixture.Port}") };
        using HttpResponseMessage nobody = await http.PostAsync("/v1/tools/listContainers", Json("{}"), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", await fixture.Daemon.Client.Agent());
        using HttpResponseMessage known = await http.PostAsync("/v1/tools/listContainers", Json("{}"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        using HttpClient plain = new() { BaseAddress = new Uri($"http://localhost:{fixture.Port}") };
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.PostAsync("/v1/tools/listContainers", Json("{}"), Cancellation));
    }

    private static async Task<string> Events(HttpClient http, HttpMethod method, string path, string? body)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : Json(body) };
        using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
