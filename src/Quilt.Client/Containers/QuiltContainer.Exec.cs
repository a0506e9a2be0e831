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
        Task pump = FeedAsync(call.RequestStream, request, input, over.Token);
        try
        {
            while (await _calls.NextAsync(call.ResponseStream, cancellationToken).ConfigureAwait(false))
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

    /// <summary>The request, then all input. What the command no longer takes is nobody's failure: its exit is on its way.</summary>
    private static async Task FeedAsync(IClientStreamWriter<Wire.StreamInput> to, Wire.ExecRequest request, Stream? input, CancellationToken cancellation)
    {
        try
        {
            await to.WriteAsync(new Wire.StreamInput { Exec = request }, cancellation).ConfigureAwait(false);
            if (input is null)
            {
                return;
            }

            byte[] buffer = new byte[ChunkBytes];
            int count;
            while ((count = await input.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                // The buffer is used again only when the message is out.
                await to.WriteAsync(new Wire.StreamInput { Stdin = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)) }, cancellation).ConfigureAwait(false);
            }

            await to.WriteAsync(new Wire.StreamInput { CloseStdin = true }, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
        {
            // The stream has ended, and says itself why.
        }
    }
}
