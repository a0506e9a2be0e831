using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Cognition.Tests.Providers;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Cognition.Tests.Agents;

/// <summary>A <c>quilt-cognition run</c> against a daemon and a model that says what a test tells it to.</summary>
internal sealed class AgentRun : IDisposable
{
    public const string SystemPrompt = "You are a careful tester.";
    private readonly DaemonProcess _daemon;
    private readonly TemporaryFolder _folder = new();
    private readonly KeyFile _key = new(Wire.Key);
    private readonly Process _process;
    private readonly Task<string> _output, _error;

    /// <param name="token">Null: the operator runs it.</param>
    public AgentRun(DaemonProcess daemon, ProviderServer model, string[] options, string? token = null, int maxIterations = 20, string grant = "{}", string task = "Do it.", string session = "", string? transcript = null)
    {
        _daemon = daemon;
        File.WriteAllText(_folder["agent.yaml"], string.Create(CultureInfo.InvariantCulture, $"""
            name: tester
            systemPrompt: {SystemPrompt}
            maxIterations: {maxIterations}
            grant: {grant}
            model:
              provider: openai
              model: test-model
              endpoint: {model.Address}/v1
              apiKeyFile: {_key.Path}
            """));
        ProcessStartInfo start = new(Path.Combine(Programs.Folder, "quilt-cognition"), ["run", "--config", _folder["agent.yaml"], "--transcript", transcript ?? TranscriptPath, .. options, task])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path,
        };
        start.Environment["QUILT_HOST"] = "unix://" + daemon.Socket;
        start.Environment["QUILT_TOKEN"] = token ?? "";
        start.Environment["QUILT_SESSION"] = session;
        _process = Process.Start(start)!;
        (_output, _error) = (_process.StandardOutput.ReadToEndAsync(Cancellation), _process.StandardError.ReadToEndAsync(Cancellation));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string TranscriptPath => _folder["transcript.jsonl"];

    public string Transcript => File.ReadAllText(TranscriptPath);

    public JsonNode[] Lines => [.. File.ReadLines(TranscriptPath).Select(l => JsonNode.Parse(l)!)];

    public UnixFileMode TranscriptMode => File.GetUnixFileMode(TranscriptPath);

    /// <summary>SIGINT, as Ctrl-C.</summary>
    public void Interrupt() => Sys.Kill(_process.Id, 2);

    public async Task<(int Code, string Output, string Error)> EndAsync()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        await _process.WaitForExitAsync(limit.Token);
        return (_process.ExitCode, await _output, await _error);
    }

    /// <summary>Of the operator's.</summary>
    public Task<JsonNode> CallAsync(string tool, JsonObject? arguments = null) => CallAsync(_daemon, tool, arguments);

    public static async Task<JsonNode> CallAsync(DaemonProcess daemon, string tool, JsonObject? arguments = null)
    {
        using AsyncServerStreamingCall<CallToolEvent> call = daemon.Client.CallTool(new CallToolRequest { Name = tool, Arguments = (arguments ?? []).ToJsonString() }, cancellationToken: Cancellation);
        while (await call.ResponseStream.MoveNext(Cancellation))
        {
            if (call.ResponseStream.Current.EventCase == CallToolEvent.EventOneofCase.Result)
            {
                return JsonNode.Parse(call.ResponseStream.Current.Result)!;
            }
        }

        throw new InvalidOperationException($"{tool} ended without a result");
    }

    public async Task AssertNothingIsLeftAsync()
    {
        Assert.Empty((await CallAsync("listAgents"))["agents"]!.AsArray());
        Assert.Empty((await CallAsync("listContainers"))["containers"]!.AsArray());
        Assert.Empty((await CallAsync("listSessions"))["sessions"]!.AsArray());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }
}

/// <summary>The daemon of the runs.</summary>
public sealed class AgentDaemon : IAsyncLifetime
{
    public DaemonProcess Daemon { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        Daemon = await DaemonProcess.StartAsync();
    }

    public ValueTask DisposeAsync() => Daemon?.DisposeAsync() ?? ValueTask.CompletedTask;
}
