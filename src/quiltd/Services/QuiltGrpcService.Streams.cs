using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    public override async Task AttachContainer(IAsyncStreamReader<StreamInput> requestStream, IServerStreamWriter<StreamOutput> responseStream, ServerCallContext context)
    {
        string container = (await FirstAsync(requestStream, StreamInput.InputOneofCase.Attach, context).ConfigureAwait(false)).Attach;

        // Its input is a command's as much as an exec's is.
        await StreamAsync(context, "execInContainer", () => Told.Of(("container", container), ("attach", true)), async (caller, cancellation) =>
        {
            using ProcessStream stream = await engine.AttachAsync(caller.Container(container, Access.Use).Id, cancellation).ConfigureAwait(false);
            await JoinAsync(stream, requestStream, responseStream, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    public override async Task ExecStream(IAsyncStreamReader<StreamInput> requestStream, IServerStreamWriter<StreamOutput> responseStream, ServerCallContext context)
    {
        ExecRequest request = (await FirstAsync(requestStream, StreamInput.InputOneofCase.Exec, context).ConfigureAwait(false)).Exec;
        await StreamAsync(context, "execInContainer", () => ToldOf(request), async (caller, cancellation) =>
        {
            ExecSpec spec = ExecSpecReader.Read(RequestArguments.Of(request));
            ContainerRecord record = caller.Container(request.Container, Access.Use);
            using IDisposable? place = await agents.Workloads.EnterExecAsync(caller, toBackground: false, cancellation).ConfigureAwait(false);

            // Theirs alone who came through our own socket: a descriptor goes no other way.
            string? channel = context.RequestHeaders.GetValue(DescriptorChannels.Header) is { } id && channels.Has(id) ? id : null;
            using ProcessStream stream = await engine.ExecStreamAsync(record.Id, spec with { HandOver = channel is not null }, cancellation).ConfigureAwait(false);
            if (stream.Outputs.Count > 0 && !channels.TrySend(channel!, stream.Outputs))
            {
                throw new QuiltException(ErrorCode.Aborted, "the connection that was to take the command's output is gone", "try again");
            }

            stream.CloseOutputs();
            await JoinAsync(stream, requestStream, responseStream, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static async Task<StreamInput> FirstAsync(IAsyncStreamReader<StreamInput> requests, StreamInput.InputOneofCase wanted, ServerCallContext context) =>
        await requests.MoveNext(context.CancellationToken).ConfigureAwait(false) && requests.Current.InputCase == wanted
            ? requests.Current
            : throw QuiltException.Invalid("input", $"the stream does not begin with '{(wanted == StreamInput.InputOneofCase.Exec ? "exec" : "attach")}'", "send that message first");

    /// <summary>Frames in both directions until the process has ended, or the client goes.</summary>
    private static async Task JoinAsync(ProcessStream stream, IAsyncStreamReader<StreamInput> input, IServerStreamWriter<StreamOutput> output, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        await output.WriteWholeAsync(new StreamOutput { Started = new StreamStarted { ExecId = stream.ExecId, Pid = stream.Pid, OutputByDescriptor = stream.Outputs.Count > 0 } }, cancellation).ConfigureAwait(false);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<QuiltException?> feeding = FeedAsync(stream, input, ended);
        try
        {
            while (await stream.ReadAsync(ended.Token).ConfigureAwait(false) is { } frame)
            {
                if (frame.Exit is { } exit)
                {
                    await output.WriteWholeAsync(new StreamOutput { Exit = exit.ToMessage(Stopwatch.GetElapsedTime(began)) }, cancellation).ConfigureAwait(false);
                    return;
                }

                // Written, and so copied, before the next frame takes the buffer.
                ByteString data = UnsafeByteOperations.UnsafeWrap(frame.Data);
                await output.WriteWholeAsync(frame.Stream == LogStream.Stderr ? new StreamOutput { Stderr = data } : new StreamOutput { Stdout = data }, ended.Token).ConfigureAwait(false);
            }

            if (!stream.HasLeft)
            {
                throw ProcessStream.Lost;
            }
        }
        catch (OperationCanceledException) when (feeding is { IsCompletedSuccessfully: true, Result: not null })
        {
            throw feeding.Result;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(false);
        }
    }

    /// <returns>What the client did wrong; the stream is ended then.</returns>
    private static async Task<QuiltException?> FeedAsync(ProcessStream stream, IAsyncStreamReader<StreamInput> input, CancellationTokenSource ended)
    {
        try
        {
            while (await input.MoveNext(ended.Token).ConfigureAwait(false))
            {
                await TakeAsync(stream, input.Current, ended.Token).ConfigureAwait(false);
            }
        }
        catch (QuiltException e) when (e.Code is ErrorCode.InvalidArgument or ErrorCode.ResourceExhausted)
        {
            await ended.CancelAsync().ConfigureAwait(false);
            return e;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or QuiltException or InvalidOperationException or RpcException)
        {
            // The process or the client has gone: the other direction tells.
        }

        return null;
    }

    private static async Task TakeAsync(ProcessStream stream, StreamInput input, CancellationToken cancellation)
    {
        switch (input.InputCase)
        {
            case StreamInput.InputOneofCase.Stdin:
                await stream.WriteAsync(input.Stdin.Memory, cancellation).ConfigureAwait(false);
                break;
            case StreamInput.InputOneofCase.CloseStdin:
                await stream.CloseInputAsync(cancellation).ConfigureAwait(false);
                break;
            case StreamInput.InputOneofCase.Resize when RequestArguments.Window(input.Resize) is { } size:
                await stream.ResizeAsync(size, cancellation).ConfigureAwait(false);
                break;
            case StreamInput.InputOneofCase.Signal:
                await stream.SignalAsync(ProcessFields.Signal("signal", input.Signal), cancellation).ConfigureAwait(false);
                break;
            case StreamInput.InputOneofCase.Leave:
                await stream.LeaveAsync(cancellation).ConfigureAwait(false);
                break;
            default:
                throw QuiltException.Invalid("input", $"'{input.InputCase}' is not expected here", "send stdin, close_stdin, resize, signal or leave");
        }
    }
}
