using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Quilt.Api.V1;
using Quilt.Testing;
using Quilt.Testing.Otlp;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>A caller's trace goes on in the daemon, whichever way it is told of.</summary>
public sealed class CallersTraceTests(TracedDaemonFixture fixture) : IClassFixture<TracedDaemonFixture>
{
    private const string Tool = "listContainers";
    private readonly string _trace = Guid.NewGuid().ToString("N"), _caller = Guid.NewGuid().ToString("N")[..16];

    private string Parent => $"00-{_trace}-{_caller}-01";

    [Fact]
    public async Task In_the_metadata_of_grpc()
    {
        using AsyncServerStreamingCall<CallToolEvent> call = fixture.Daemon.Client.CallTool(new CallToolRequest { Name = Tool, Arguments = "{}" }, new Metadata { { "traceparent", Parent } }, cancellationToken: Cancellation);
        await foreach (CallToolEvent _ in call.ResponseStream.ReadAllAsync(Cancellation))
        {
        }

        await GoesOnAsync("grpc");
    }

    [Fact]
    public async Task In_a_header_of_http()
    {
        using HttpClient http = fixture.Daemon.Http();
        using HttpRequestMessage request = new(HttpMethod.Post, $"/v1/tools/{Tool}") { Content = new StringContent("{}", Encoding.UTF8, "application/json"), Headers = { { "traceparent", Parent } } };
        using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
        response.EnsureSuccessStatusCode();
        await GoesOnAsync("http");
    }

    [Fact]
    public async Task In_a_header_of_mcp()
    {
        await using McpClient client = await ConnectAsync(Parent);
        await CallAsync(client, null);
        await GoesOnAsync("mcp");
    }

    /// <summary>It is of the one call, the header of whatever carries it.</summary>
    [Fact]
    public async Task In_the_call_of_mcp_whatever_the_header_says()
    {
        await using McpClient client = await ConnectAsync($"00-{Guid.NewGuid():N}-{_caller}-01");
        await CallAsync(client, Parent);
        await GoesOnAsync("mcp");
    }

    [Fact]
    public async Task Through_the_command_that_carries_mcp()
    {
        await using McpClient client = await McpClient.CreateAsync(
            new StdioClientTransport(new StdioClientTransportOptions
            {
                Command = Path.Combine(Programs.Folder, "quilt"), Arguments = ["mcp"], EnvironmentVariables = new Dictionary<string, string?> { ["QUILT_HOST"] = $"unix://{fixture.Daemon.Socket}" },
            }),
            cancellationToken: Cancellation);
        await CallAsync(client, Parent);
        await GoesOnAsync("mcp");
    }

    private async Task GoesOnAsync(string face)
    {
        await Eventually(() => Task.FromResult(Ours().Any()));
        Span span = Assert.Single(Ours());
        Assert.Equal(_caller, Convert.ToHexStringLower(span.ParentSpanId.Span));
        Assert.Contains(span.Attributes, a => a.Key == "quilt.face" && a.Value.StringValue == face);

        IEnumerable<Span> Ours() => fixture.Collector.Spans.Select(s => s.Span).Where(s => s.Name == Tool && Convert.ToHexStringLower(s.TraceId.Span) == _trace);
    }

    private static async Task CallAsync(McpClient client, string? parent)
    {
        JsonObject asked = new() { ["name"] = Tool, ["arguments"] = new JsonObject() };
        if (parent is not null)
        {
            asked["_meta"] = new JsonObject { ["traceparent"] = parent };
        }

        await client.SendRequestAsync(new JsonRpcRequest { Method = RequestMethods.ToolsCall, Params = asked }, Cancellation);
    }

    private Task<McpClient> ConnectAsync(string header) => McpClient.CreateAsync(
        new HttpClientTransport(
            new HttpClientTransportOptions { Endpoint = new Uri("http://localhost/mcp"), TransportMode = HttpTransportMode.StreamableHttp, AdditionalHeaders = new Dictionary<string, string> { ["traceparent"] = header } },
            fixture.Daemon.Http(), ownsHttpClient: true),
        new McpClientOptions { ProtocolVersion = "2025-11-25" }, cancellationToken: Cancellation);
}

/// <summary>A daemon that tells a collector of what it does.</summary>
public sealed class TracedDaemonFixture : IAsyncLifetime
{
    public TraceCollector Collector { get; } = new();
    public DaemonProcess Daemon { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Daemon = await DaemonProcess.StartAsync(null, "--otlp", Collector.Url);

    public async ValueTask DisposeAsync()
    {
        await Daemon.DisposeAsync();
        Collector.Dispose();
    }
}
