using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A command in a container that has our standard streams: of exec, of attach, of run in the foreground.</summary>
internal sealed class CommandSession : IDisposable
{
    private readonly AsyncDuplexStreamingCall<IMessage, IMessage> _call;
    private readonly SessionOutput _output;
    private RawTerminal? _raw;
    private WindowSize? _window;

    internal CommandSession(AsyncDuplexStreamingCall<IMessage, IMessage> call, SessionOutput output)
    {
        (_call, _output) = (call, output);
        Sender = new InputSender(call.RequestStream);
    }

    internal InputSender Sender { get; }

    /// <summary>Sends the stream's first message and waits until the other end has joined, or has executed the command.</summary>
    internal async Task<StreamStarted> OpenAsync(StreamInput first)
    {
        try
        {
            await Sender.SendAsync(first).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // Refused before it was read; the answer says why.
        }

        return await NextAsync().ConfigureAwait(false) && Current.Started is { } started
            ? started
            : throw Ended();
    }

    /// <summary>Gives the command our input: all of it where <paramref name="stdin"/> is set, and the terminal where it has one.</summary>
    internal void Connect(bool stdin, bool tty)
    {
        if (tty)
        {
            _window = new WindowSize(Sender);
            if (WindowSize.OfTerminal() is { } size)
            {
                Sender.SendSize(size); // it may have changed since the request was sent
            }

            _raw = stdin ? RawTerminal.TryEnter(StandardStreams.Stdin) : null;
        }

        if (stdin)
        {
            StdinPump.Start(StandardStreams.Stdin, Sender);
        }
    }

    /// <summary>Copies the output until the command ends.</summary>
    /// <exception cref="BrokenPipeException">Nobody reads ours any more.</exception>
    internal async Task<ExecResult> CopyOutputAsync()
    {
        while (await NextAsync().ConfigureAwait(false))
        {
            StreamOutput frame = Current;
            switch (frame.OutputCase)
            {
                case StreamOutput.OutputOneofCase.Stdout:
                    _output.Stdout(frame.Stdout.Span);
                    break;
                case StreamOutput.OutputOneofCase.Stderr:
                    _output.Stderr(frame.Stderr.Span);
                    break;
                case StreamOutput.OutputOneofCase.Exit:
                    return frame.Exit;
                default:
                    break;
            }
        }

        throw Ended();
    }

    public void Dispose()
    {
        _window?.Dispose();
        _raw?.Dispose();
        _call.Dispose();
    }

    private StreamOutput Current => (StreamOutput)_call.ResponseStream.Current;

    private Task<bool> NextAsync() => _call.ResponseStream.MoveNext(CancellationToken.None);

    private static QuiltException Ended() =>
        new(ErrorCode.Internal, "quiltd ended the stream before the command did", "see quiltd's log");
}
