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
    private HandedOutput? _handed;
    private RawTerminal? _raw;
    private WindowSize? _window;
    private volatile bool _left;

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
    /// <param name="keys">Let go of it where they are typed at a terminal; null for none.</param>
    internal void Connect(bool stdin, bool tty, DetachKeys? keys)
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
            StdinPump.Start(StandardStreams.Stdin, Sender, _raw is null ? null : keys, Leave);
        }
    }

    private void Leave()
    {
        _left = true;
        Sender.TrySendAsync(new StreamInput { Leave = true }).GetAwaiter().GetResult();
    }

    /// <summary>The output comes over another channel, which the call has named: moves it from now on.</summary>
    internal void TakeOutput(DescriptorChannel channel) => _handed = new HandedOutput(channel.Receive());

    /// <summary>Copies the output until the command ends.</summary>
    /// <returns>Null where it was let go of, and goes on; the terminal is as it was then.</returns>
    /// <exception cref="BrokenPipeException">Nobody reads ours any more.</exception>
    internal async Task<ExecResult?> CopyOutputAsync()
    {
        ExecResult? exit = await CopyFramesAsync().ConfigureAwait(false);
        if (_handed is not null)
        {
            await _handed.FinishAsync().ConfigureAwait(false);
        }

        return exit;
    }

    private async Task<ExecResult?> CopyFramesAsync()
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

        if (!_left)
        {
            throw Ended();
        }

        _raw?.Dispose();
        return null;
    }

    public void Dispose()
    {
        _window?.Dispose();
        _raw?.Dispose();
        _handed?.Dispose();
        _call.Dispose();
    }

    private StreamOutput Current => (StreamOutput)_call.ResponseStream.Current;

    private async Task<bool> NextAsync()
    {
        Task<bool> next = _call.ResponseStream.MoveNext(CancellationToken.None);
        if (_handed is not null && await Task.WhenAny(next, _handed.Copied).ConfigureAwait(false) == _handed.Copied)
        {
            await _handed.Copied.ConfigureAwait(false); // our outputs take no more
        }

        return await next.ConfigureAwait(false);
    }

    private static QuiltException Ended() =>
        new(ErrorCode.Internal, "quiltd ended the stream before the command did", "see quiltd's log");
}
