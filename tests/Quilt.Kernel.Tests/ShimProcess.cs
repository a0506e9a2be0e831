using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Quilt.Oci;
using Quilt.Oci.Reading;
using Quilt.Shim.Contract;
using Quilt.Testing;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>A shim of a test's own, made by a spawner as the daemon would.</summary>
public sealed class ShimProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _run;
    private readonly Process _spawner;
    private readonly ShimConnection _watch;

    private ShimProcess(Process spawner, TemporaryFolder run, int pid, ShimConnection watch, ShimClient client) =>
        (_spawner, _run, Pid, _watch, Client) = (spawner, run, pid, watch, client);

    /// <summary>The path at which it listens.</summary>
    public string Socket { get; private init; } = "";

    public int Pid { get; }
    /// <summary>Also those that have ended and are not reaped.</summary>
    public string[] Children => File.ReadAllText($"/proc/{Pid}/task/{Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public int SpawnerPid => _spawner.Id;
    internal ShimClient Client { get; }

    public static async Task<ShimProcess> StartAsync()
    {
        TemporaryFolder run = new();
        ProcessStartInfo start = new(Path.Combine(Path.GetDirectoryName(OciRuntimeFixture.Runtime)!, "quilt-shim"), ["--spawner", "--run-dir", run.Path, "--keep", Path.GetTempPath()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process spawner = Process.Start(start)!;
        await spawner.StandardInput.WriteAsync("spawn\n");
        await spawner.StandardInput.FlushAsync();
        string line = await spawner.StandardOutput.ReadLineAsync() ?? "";
        string[] parts = line.Split(' ');
        Assert.True(parts.Length == 2, line);
        ShimClient client = new(parts[1]);
        ShimConnection watch = await client.OpenAsync(new ShimRequest { Watch = new WatchRequest() }, TestContext.Current.CancellationToken);
        return new ShimProcess(spawner, run, int.Parse(parts[0]), watch, client) { Socket = parts[1] };
    }

    public Task<ShimResponse> Ask(ShimRequest request) => Client.RequestAsync(request, TestContext.Current.CancellationToken);

    /// <returns>The configuration of the bundle.</returns>
    public async Task<OciSpec> Create(string id, string bundle, bool stdinOpen = false, bool start = false)
    {
        OciSpec spec = OciReader.ReadSpec(await File.ReadAllBytesAsync(Path.Combine(bundle, "config.json"), TestContext.Current.CancellationToken));
        await Ask(new ShimRequest { Create = new CreateRequest(id, bundle, spec, stdinOpen, 1 << 20, 4, null, Start: start) });
        return spec;
    }

    /// <summary>What the container has written.</summary>
    public static string LogOf(string bundle)
    {
        using LogReader log = new(new BundleLayout(bundle).Logs);
        return string.Concat(log.Read().Select(e => Encoding.UTF8.GetString(e.Data.Span)));
    }

    public async Task<ShimEvent> NextEvent()
    {
        ShimFrame frame = await _watch.ReadAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("the shim is gone");
        return JsonSerializer.Deserialize(frame.Payload.Span, ShimJson.Default.ShimEvent)!;
    }

    public Task<ShimConnection> Exec(string id, string script, bool background = false, bool stdin = false, bool terminal = false, long timeoutMillis = 0) =>
        Client.OpenAsync(ExecRequest(id, script, background, stdin, terminal, timeoutMillis), TestContext.Current.CancellationToken);

    public static ShimRequest ExecRequest(string id, string script, bool background = false, bool stdin = false, bool terminal = false, long timeoutMillis = 0, bool unhurried = false) => new()
    {
        Exec = new ShimExecRequest(id, new OciProcess
        {
            Args = ["sh", "-c", script],
            Cwd = "/",
            Env = ["PATH=/bin"],
            Terminal = terminal,
            NoNewPrivileges = true,
            Capabilities = new OciCapabilities(),
        }, background, stdin, timeoutMillis, terminal ? new WindowSize(100, 30) : null, unhurried),
    };

    /// <summary>All that comes until the exit.</summary>
    public static async Task<(string Stdout, string Stderr, ExitRecord Exit)> ReadToExit(ShimConnection connection)
    {
        StringBuilder stdout = new(), stderr = new();
        while (await connection.ReadAsync(TestContext.Current.CancellationToken) is { } frame)
        {
            switch (frame.Kind)
            {
                case FrameKind.Stdout:
                    stdout.Append(Encoding.Latin1.GetString(frame.Payload.Span));
                    break;
                case FrameKind.Stderr:
                    stderr.Append(Encoding.Latin1.GetString(frame.Payload.Span));
                    break;
                case FrameKind.Exit:
                    return (stdout.ToString(), stderr.ToString(), JsonSerializer.Deserialize(frame.Payload.Span, ShimJson.Default.ExitRecord)!);
            }
        }

        throw new InvalidOperationException("the shim closed the stream without an exit");
    }

    public void CloseWatch() => _watch.Dispose();

    public bool IsAlive => Directory.Exists($"/proc/{Pid}");

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Ask(new ShimRequest { Signal = new SignalRequest(9, null, true) });
        }
        catch (Exception e) when (e is ShimException or Quilt.Core.QuiltException)
        {
            // It has ended already.
        }

        _watch.Dispose();
        await Deadline.Until(() => !IsAlive);
        _spawner.StandardInput.Close();
        await _spawner.WaitForExitAsync();
        _spawner.Dispose();
        _run.Dispose();
    }
}
