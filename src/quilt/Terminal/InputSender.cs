using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Our half of a stream. Input and sizes come from several threads; they go out one after the other.</summary>
internal sealed class InputSender(IClientStreamWriter<IMessage> stream) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Ends when it is on its way, so that a slow daemon slows its sender.</summary>
    internal async Task SendAsync(StreamInput input)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(input).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>For what may come too late: the other end has gone, and says so itself by the stream's end.</summary>
    internal async Task TrySendAsync(StreamInput input)
    {
        try
        {
            await SendAsync(input).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or ObjectDisposedException)
        {
        }
    }

    internal void SendSize(Linux.TerminalSize size) =>
        _ = TrySendAsync(new StreamInput { Resize = new Api.V1.TerminalSize { Columns = size.Columns, Rows = size.Rows } });

    internal Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => SendAsync(new StreamInput { Stdin = UnsafeByteOperations.UnsafeWrap(bytes) });

    public void Dispose() => _turn.Dispose();
}
