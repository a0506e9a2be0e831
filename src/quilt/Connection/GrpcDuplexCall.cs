using System.Buffers;
using System.Net;
using Google.Protobuf;
using Grpc.Core;

namespace Quilt.Cli;

/// <summary>A call that takes messages while it answers.</summary>
internal sealed class GrpcDuplexCall : GrpcCall
{
    private readonly MessageSink _sink;

    internal GrpcDuplexCall(HttpMessageInvoker http, HttpRequestMessage request, MessageParser parser, MessageSink sink)
        : base(http, request, parser, CancellationToken.None)
    {
        _sink = sink;
        _ = Response.ContinueWith(sent => sink.Fail(sent.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>Ends when it is on its way; not to be called again before.</summary>
    /// <exception cref="RpcException">The call has ended; its end tells why.</exception>
    internal async Task WriteAsync(IMessage message)
    {
        int length = GrpcTransport.PrefixBytes + message.CalculateSize();
        byte[] frame = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            GrpcTransport.WriteFrame(message, frame.AsSpan(0, length));
            Stream body = await _sink.Body.ConfigureAwait(false);
            await body.WriteAsync(frame.AsMemory(0, length)).ConfigureAwait(false);
            await body.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            throw Lost(e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _sink.Complete();
        base.Dispose(disposing);
    }
}

/// <summary>A request's body that is written while the answer is read.</summary>
internal sealed class MessageSink : HttpContent
{
    private readonly TaskCompletionSource<Stream> _body = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where to write, as soon as the request's headers are out.</summary>
    internal Task<Stream> Body => _body.Task;

    internal void Fail(Exception e) => _body.TrySetException(e is AggregateException { InnerException: { } inner } ? inner : e);

    internal void Complete() => _complete.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        _body.TrySetResult(stream);
        await _complete.Task.ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
