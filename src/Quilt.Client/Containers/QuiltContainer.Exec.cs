using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using Quilt.Core;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

public sealed partial class QuiltContainer
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Runs a command in it, which has to run, to the command's end.</summary>
    /// <param name="command">The program and its arguments; no shell reads them.</param>
    /// <exception cref="QuiltException">Command not found or not executable; failed precondition: the container does not run.</exception>
    public async Task<ExecResult> ExecAsync(IReadOnlyList<string> command, ExecOptions? options = null, CancellationToken cancellationToken = default)
    {
        Wire.ExecRequest request = (options ?? new ExecOptions()).ToWire(Id, command);
        return ExecResult.Of((await _calls.UnaryAsync(o => _calls.Service.ExecAsync(request, o), cancellationToken).ConfigureAwait(false)).Result);
    }

    /// <summary>Runs a command and brings its output as it is written. Whoever stops enumerating ends the command.</summary>
    /// <param name="command">The program and its arguments; no shell reads them.</param>
    /// <param name="input">Read to its end and given to the command as stdin; null: it has none.</param>
    public async IAsyncEnumerable<ExecOutput> ExecStreamAsync(
        IReadOnlyList<string> command, ExecOptions? options = null, Stream? input = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Wire.ExecRequest request = (options ?? new ExecOptions()).ToWire(Id, command);
        request.StdinOpen = input is not null;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using AsyncDuplexStreamingCall<Wire.StreamInput, Wire.StreamOutput> call = _calls.Service.ExecStream(_calls.Options(over.Token));
        Task pump = FeedAsync(call.RequestStream, request, input, over);
        try
        {
            while (await NextAsync(call.ResponseStream, pump, over, cancellationToken).ConfigureAwait(false))
            {
                Wire.StreamOutput frame = call.ResponseStream.Current;
                switch (frame.OutputCase)
                {
                    case Wire.StreamOutput.OutputOneofCase.Started:
                        yield return new ExecOutput.Started(frame.Started.ExecId, frame.Started.Pid);
                        break;
                    case Wire.StreamOutput.OutputOneofCase.Stdout:
                        yield return new ExecOutput.Stdout(frame.Stdout.Memory);
                        break;
                    case Wire.StreamOutput.OutputOneofCase.Stderr:
                        yield return new ExecOutput.Stderr(frame.Stderr.Memory);
                        break;
                    case Wire.StreamOutput.OutputOneofCase.Exit:
                        yield return new ExecOutput.Exited(ExecResult.Of(frame.Exit));
                        break;
                    default:
                        break;
                }
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> NextAsync(IAsyncStreamReader<Wire.StreamOutput> from, Task pump, CancellationTokenSource over, CancellationToken cancellation)
    {
        try
        {
            return await _calls.NextAsync(from, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException) when (over.IsCancellationRequested)
        {
            await pump.ConfigureAwait(false); // which has ended the call, for the input cannot be read
            throw;
        }
    }

    /// <summary>The request, then all input. Where that cannot be read, it ends the call and fails.</summary>
    private static async Task FeedAsync(IClientStreamWriter<Wire.StreamInput> to, Wire.ExecRequest request, Stream? input, CancellationTokenSource over)
    {
        CancellationToken cancellation = over.Token;
        bool taken = await TrySendAsync(to, new Wire.StreamInput { Exec = request }, cancellation).ConfigureAwait(false);
        if (input is null)
        {
            return;
        }

        byte[] buffer = new byte[ChunkBytes];
        try
        {
            int count;
            while (taken && (count = await input.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                // The buffer is used again only when the message is out.
                taken = await TrySendAsync(to, new Wire.StreamInput { Stdin = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)) }, cancellation).ConfigureAwait(false);
            }
        }
        catch
        {
            await over.CancelAsync().ConfigureAwait(false);
            throw;
        }

        if (taken)
        {
            await TrySendAsync(to, new Wire.StreamInput { CloseStdin = true }, cancellation).ConfigureAwait(false);
        }
    }

    /// <returns>False: the stream has ended, and says itself why. What the command no longer takes is nobody's failure: its exit is on its way.</returns>
    private static async Task<bool> TrySendAsync(IClientStreamWriter<Wire.StreamInput> to, Wire.StreamInput message, CancellationToken cancellation)
    {
        try
        {
            await to.WriteAsync(message, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
        {
            return false;
        }
    }
}
