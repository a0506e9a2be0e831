using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quilt.Bench.Engines;

/// <summary>Docker by its HTTP interface.</summary>
/// <seealso href="https://docs.docker.com/reference/api/engine/version/v1.41/"/>
internal sealed class DockerApi : IConnectingEngine, IDisposable
{
    private readonly HttpClient _http;

    public DockerApi(string socket) => _http = new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = (_, cancel) => UnixSocket.ConnectAsync(socket, cancel),
    })
    { BaseAddress = new Uri("http://docker/v1.41/") };

    public string Side => "docker API";

    public bool IsApi => true;

    public Task StartAsync(string name, CancellationToken cancel) => StartAsync(name, "none", cancel);

    /// <summary>On the default bridge, where each reaches each.</summary>
    public Task StartConnectedAsync(string name, string? to, int port, CancellationToken cancel) => StartAsync(name, "bridge", cancel);

    public async Task<Place> FindAsync(string name, CancellationToken cancel)
    {
        JsonElement found = (await SendAsync(HttpMethod.Get, $"containers/{name}/json", null, cancel)).RootElement;
        return new Place(
            found.GetProperty("State").GetProperty("Pid").GetInt32(),
            IPAddress.Parse(found.GetProperty("NetworkSettings").GetProperty("Networks").GetProperty("bridge").GetProperty("IPAddress").GetString()!));
    }

    /// <summary>Answers with the command's exit, as ours does: the output's end, and then a question for the code.</summary>
    public async Task ExecTrueAsync(string name, CancellationToken cancel)
    {
        JsonObject create = new() { ["Cmd"] = Array(Workload.True), ["AttachStdout"] = true, ["AttachStderr"] = true };
        string id = (await SendAsync(HttpMethod.Post, $"containers/{name}/exec", create, cancel)).RootElement.GetProperty("Id").GetString()!;
        await SendAsync(HttpMethod.Post, $"exec/{id}/start", new JsonObject { ["Detach"] = false, ["Tty"] = false }, cancel);
        JsonElement state = (await SendAsync(HttpMethod.Get, $"exec/{id}/json", null, cancel)).RootElement;
        if (state.GetProperty("ExitCode").GetInt32() != 0)
        {
            throw new BenchException($"'true' ended with {state.GetProperty("ExitCode")}");
        }
    }

    public async Task RemoveAsync(string name, CancellationToken cancel) =>
        await SendAsync(HttpMethod.Delete, $"containers/{name}?force=1", null, cancel);

    public void Dispose() => _http.Dispose();

    private async Task StartAsync(string name, string network, CancellationToken cancel)
    {
        JsonObject create = new()
        {
            ["Image"] = Workload.Image,
            ["Cmd"] = Array(Workload.Idle),
            ["HostConfig"] = new JsonObject { ["NetworkMode"] = network },
        };
        await SendAsync(HttpMethod.Post, $"containers/create?name={name}", create, cancel);
        await SendAsync(HttpMethod.Post, $"containers/{name}/start", null, cancel);
    }

    private static JsonArray Array(string[] values) => [.. values.Select(v => (JsonNode)v)];

    private async Task<JsonDocument> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancel)
    {
        using HttpRequestMessage request = new(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await _http.SendAsync(request, cancel);
        string text = await response.Content.ReadAsStringAsync(cancel);
        if (!response.IsSuccessStatusCode)
        {
            throw new BenchException($"docker: {method} {path}: {(int)response.StatusCode} {text.Trim()}");
        }

        return response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonDocument.Parse(text) : JsonDocument.Parse("{}");
    }
}
