using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>
/// Runs a cognitive tool in a process of its own, <c>quilt-cognition call</c>: what speaks with providers and starts readers of hostile
/// documents is never the daemon. One process for each call.
/// </summary>
/// <param name="program">The path of quilt-cognition.</param>
/// <param name="log">Gets what the process wrote to its standard error, at most <see cref="TextTail.Limit"/> characters; for logs alone, never for a peer.</param>
public sealed class CognitionProcess(string program, Action<string>? log = null)
{
    /// <summary>The longest answer that is read, bytes.</summary>
    public const int MaxResponseBytes = 32 << 20;

    /// <summary>What the process may see of our environment: where the certificates and the proxy are. Keys come by the configuration.</summary>
    private static readonly string[] Passed =
        ["SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"];

    /// <summary>How long a call may take in all.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Calls a tool.</summary>
    /// <param name="confine">Gets the process's pid before it is told what to do, to be put into a control group.</param>
    /// <exception cref="QuiltException">The tool's failure; failed_precondition where the program is missing; deadline_exceeded after <see cref="Timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; no process is left.</exception>
    public async Task<TResult> Call<TArguments, TResult>(
        CognitiveTool<TArguments, TResult> tool, TArguments arguments, CognitionConfig config, Action<int>? confine, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(tool);
        JsonElement result = await Call(tool.Name, JsonSerializer.SerializeToElement(arguments, tool.Arguments), config, confine, cancellation).ConfigureAwait(false);
        return result.Deserialize(tool.Result) ?? throw NoAnswer("its result is null");
    }

    /// <inheritdoc cref="Call{TArguments, TResult}"/>
    /// <returns>The result as the tool wrote it.</returns>
    public async Task<JsonElement> Call(string tool, JsonElement arguments, CognitionConfig config, Action<int>? confine, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(config);
        CallRequest request = new() { Tool = tool, Arguments = arguments, Config = config };
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Timeout);
        try
        {
            return Read(await Exchange(request, confine, limit.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new QuiltException(ErrorCode.DeadlineExceeded, $"{tool} took longer than {Timeout.TotalSeconds:0} seconds", "ask for less in one call");
        }
    }

    private async Task<byte[]> Exchange(CallRequest request, Action<int>? confine, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using Process process = Start(request.Config);
        TextTail errors = new();
        Task logged = errors.Fill(process.StandardError);
        try
        {
            confine?.Invoke(process.Id);
            Task written = Write(process, request, cancellation);
            byte[] response = await BoundedReading.ToEnd(process.StandardOutput.BaseStream, MaxResponseBytes, cancellation).ConfigureAwait(false);
            await written.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return response.Length > 0 ? response : throw Died(process.ExitCode);
        }
        finally
        {
            await End(process).ConfigureAwait(false);
            await logged.ConfigureAwait(false);
            if (!errors.IsEmpty)
            {
                log?.Invoke(errors.ToString());
            }
        }
    }

    private Process Start(CognitionConfig config)
    {
        ProcessStartInfo start = new(program, ["call"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // no socket in /tmp, which a kill would leave there
        foreach (string name in Passed.Append(config.Model?.ApiKeyEnv ?? "").Append(config.Search?.ApiKeyEnv ?? "").Where(n => n.Length > 0))
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, "the program of the cognitive tools, quilt-cognition, cannot be started",
                "install quilt-cognition beside quiltd", inner: e);
        }
    }

    private static async Task Write(Process process, CallRequest request, CancellationToken cancellation)
    {
        try
        {
            await JsonSerializer.SerializeAsync(process.StandardInput.BaseStream, request, CognitionJson.Default.CallRequest, cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended, or will not read on: its answer tells why.
        }
    }

    /// <summary>Whatever happened: nothing that was started is left.</summary>
    private static async Task End(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended meanwhile, or one of its children did.
        }

        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static JsonElement Read(byte[] bytes)
    {
        CallResponse? response;
        try
        {
            response = JsonSerializer.Deserialize(bytes, CognitionJson.Default.CallResponse);
        }
        catch (JsonException e)
        {
            throw NoAnswer("it is not the JSON that was expected", e);
        }

        return response switch
        {
            { Error: { } error } => throw error.ToException(),
            { Result: { } result } => result,
            _ => throw NoAnswer("it has neither result nor error"),
        };
    }

    private static QuiltException Died(int exitCode) => exitCode == 128 + 9
        ? new(ErrorCode.ResourceExhausted, "the tool's process was killed, most likely for the memory it took", "ask for less in one call")
        : NoAnswer($"it ended with exit code {exitCode}");

    private static QuiltException NoAnswer(string why, Exception? inner = null) =>
        new(ErrorCode.Internal, $"the tool's process gave no answer: {why}", "look into the daemon's log", inner: inner);
}
