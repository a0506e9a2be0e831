using System.Diagnostics;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>A real quiltd that may die at any moment and comes back. Whoever calls it is told what became of the call.</summary>
internal sealed class SoakDaemon : IAsyncDisposable
{
    // Whoever hangs so long has lost an answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Figures _figures;
    private readonly Findings _findings;
    private readonly string _log;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private DaemonProcess _process = null!;
    private string[] _options = [];
    private HttpClient _http = null!;
    private volatile TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _run;

    private SoakDaemon(Figures figures, Findings findings) => (_figures, _findings, _log) = (figures, findings, Path.GetTempFileName());

    internal DaemonProcess Process => _process;

    /// <summary>Which of its lives this is: what goes through it ends with it.</summary>
    internal int Life => _run;

    /// <summary>In times in which it may die by itself, for the host lacks something; it is started again afterwards.</summary>
    internal Trouble? DiesIn { get; set; }

    /// <param name="root">Null: a folder of its own.</param>
    /// <param name="prepare">What else its process needs, each time that it is started.</param>
    internal static async Task<SoakDaemon> StartAsync(Figures figures, Findings findings, string? root = null, Action<ProcessStartInfo>? prepare = null, params string[] options)
    {
        SoakDaemon daemon = new(figures, findings) { _options = options };
        daemon._process = await DaemonProcess.StartByAsync(root, start => daemon.Begin(start, prepare), options);
        daemon.IsUp();
        return daemon;
    }

    /// <summary>SIGKILL; after a while it is there again.</summary>
    internal async Task KillAsync(TimeSpan away)
    {
        await _changing.WaitAsync();
        try
        {
            await AgainAsync(away);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>One call, and an answer.</summary>
    /// <exception cref="InterruptedException"/>
    /// <exception cref="RefusedException"/>
    internal async Task<T> CallAsync<T>(Func<QuiltService.QuiltServiceClient, CallOptions, Task<T>> call, Metadata? headers = null)
    {
        int run = await UpAsync();
        QuiltService.QuiltServiceClient client = _process.Client;
        _figures.Count("requests");
        try
        {
            return await call(client, new CallOptions(headers ?? [], DateTimeOffset.UtcNow.Add(Patience).UtcDateTime));
        }
        catch (RpcException e) when (Detail(e) is { } detail)
        {
            _figures.Count("refused " + detail.Code);
            throw new RefusedException(detail.Code, detail.Message);
        }
        catch (Exception e) when (e is RpcException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            await RethrowAsync(run, e);
            throw;
        }
    }

    /// <summary>A tool by its name: over gRPC, or over HTTP.</summary>
    internal Task<JsonElement> ToolAsync(string name, object arguments, Metadata? headers = null, bool overHttp = false) =>
        overHttp ? HttpToolAsync(name, arguments, headers) : CallAsync(
            async (client, options) =>
            {
                using AsyncServerStreamingCall<CallToolEvent> call = client.CallTool(new CallToolRequest { Name = name, Arguments = JsonSerializer.Serialize(arguments) }, options);
                while (await call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    if (call.ResponseStream.Current.EventCase == CallToolEvent.EventOneofCase.Result)
                    {
                        return JsonElement.Parse(call.ResponseStream.Current.Result);
                    }
                }

                throw new UnexpectedException($"{name} gave no result");
            },
            headers);

    public async ValueTask DisposeAsync()
    {
        await _changing.WaitAsync();
        _http.Dispose();
        try
        {
            await _process.DisposeAsync();
        }
        finally
        {
            if (_findings.All.Count == 0)
            {
                File.Delete(_log);
            }
            else
            {
                Console.WriteLine($"  quiltd's own log: {_log}");
            }
        }
    }

    /// <summary>What it has written to its standard error.</summary>
    internal IEnumerable<string> Log() => File.ReadLines(_log);

    private static ErrorDetail? Detail(RpcException e) => e.GetRpcStatus()?.GetDetail<ErrorDetail>();

    private async Task<JsonElement> HttpToolAsync(string name, object arguments, Metadata? headers)
    {
        int run = await UpAsync();
        HttpClient http = _http;
        _figures.Count("requests");
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/tools/" + name) { Content = new StringContent(JsonSerializer.Serialize(arguments), Encoding.UTF8, "application/json") };
            foreach (Metadata.Entry header in headers ?? [])
            {
                request.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }

            using HttpResponseMessage response = await http.SendAsync(request);
            JsonElement answer = JsonElement.Parse(await response.Content.ReadAsStringAsync());
            if (response.IsSuccessStatusCode)
            {
                return answer;
            }

            string code = answer.GetProperty("code").GetString()!;
            _figures.Count("refused " + code);
            throw new RefusedException(code, answer.GetProperty("detail").GetString()!);
        }
        catch (Exception e) when (e is HttpRequestException or ObjectDisposedException or OperationCanceledException or IOException or JsonException)
        {
            await RethrowAsync(run, e);
            throw;
        }
    }

    /// <summary>A call has failed without an answer: because it was killed, or because it has died, which nobody asked for.</summary>
    private async Task RethrowAsync(int run, Exception failure)
    {
        await _changing.WaitAsync(); // whoever kills it has started it again then
        try
        {
            if (_run == run && await HasDiedAsync())
            {
                if (DiesIn is null)
                {
                    _findings.Add($"quiltd has ended by itself; its last words: {string.Join(" | ", Log().TakeLast(8))}");
                }

                _figures.Count("disturbance quiltd died by itself");
                await AgainAsync(TimeSpan.Zero);
            }
        }
        finally
        {
            _changing.Release();
        }

        if (_run != run)
        {
            _figures.Count("interrupted calls");
            throw new InterruptedException();
        }

        _figures.Count("refused without an answer");
        throw new RefusedException("no_answer", failure.Message);
    }

    /// <returns>Which life it answers in: taken first, so that none that began meanwhile is blamed for the end of the one before.</returns>
    private async Task<int> UpAsync()
    {
        int run = _run;
        await _up.Task;
        return run;
    }

    /// <summary>A connection is gone a moment before its process is.</summary>
    private async Task<bool> HasDiedAsync()
    {
        for (int i = 0; i < 50 && !_process.HasEnded; i++)
        {
            await Task.Delay(2);
        }

        return _process.HasEnded;
    }

    private async Task AgainAsync(TimeSpan away)
    {
        _up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _run++;
        await _process.KillAsync();
        _http.Dispose();
        await Task.Delay(away);
        do
        {
            await (DiesIn?.Over ?? Task.CompletedTask);
        }
        while (!await RunsAsync());

        IsUp();
    }

    /// <returns>False: what it may die in came again while it began.</returns>
    private async Task<bool> RunsAsync()
    {
        try
        {
            await _process.RunAsync(_options);
            return true;
        }
        catch when (DiesIn is not null)
        {
            if (await HasDiedAsync())
            {
                return false;
            }

            throw;
        }
    }

    private void IsUp()
    {
        _http = _process.Http();
        _http.Timeout = Patience;
        _up.SetResult();
    }

    /// <summary>What it says is kept, for where it is wanted.</summary>
    private Process Begin(ProcessStartInfo start, Action<ProcessStartInfo>? prepare)
    {
        ProcessStartInfo shell = new("/bin/sh", ["-c", $"[ -z \"$QUILT_SOAK_GROUP\" ] || echo 0 >\"$QUILT_SOAK_GROUP\"; exec \"$0\" \"$@\" >>'{_log}' 2>&1", start.FileName, .. start.ArgumentList]) { WorkingDirectory = start.WorkingDirectory };
        prepare?.Invoke(shell);
        return System.Diagnostics.Process.Start(shell)!;
    }
}
