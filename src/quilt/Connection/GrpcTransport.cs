using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Core;

namespace Quilt.Cli;

/// <summary>
/// gRPC over HTTP/2 as far as a command line needs it: no retries, no compression, no balancing. Half of a short command's own time
/// went into what the general client does at its first call, above all into building its generic types at run time.
/// </summary>
/// <seealso href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md"/>
internal sealed class GrpcTransport(HttpMessageInvoker http, string service) : IDisposable
{
    /// <summary>A flag, 0 for not compressed, and the message's length.</summary>
    internal const int PrefixBytes = 5;

    private const string ContentType = "application/grpc";

    /// <summary>One request, one answer.</summary>
    /// <param name="within">The call's deadline; null is none.</param>
    /// <exception cref="RpcException">The daemon's refusal, or a lost connection.</exception>
    internal async Task<IMessage> UnaryAsync(string method, IMessage request, MessageParser parser, TimeSpan? within, CancellationToken cancellation)
    {
        using CancellationTokenSource? limit = within is { } time ? CancellationTokenSource.CreateLinkedTokenSource(cancellation) : null;
        limit?.CancelAfter(within!.Value);
        try
        {
            using GrpcCall call = new(http, Request(method, OneMessage(request), within), parser, limit?.Token ?? cancellation);
            if (!await call.MoveNextAsync().ConfigureAwait(false))
            {
                throw new RpcException(new Status(StatusCode.Internal, "no answer came"));
            }

            IMessage answer = call.Current;
            while (await call.MoveNextAsync().ConfigureAwait(false))
            {
                // To the end, where the status is.
            }

            return answer;
        }
        catch (OperationCanceledException) when (limit is { IsCancellationRequested: true } && !cancellation.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "no answer in time"));
        }
    }

    /// <summary>One request, many answers.</summary>
    internal GrpcCall Stream(string method, IMessage request, MessageParser parser, CancellationToken cancellation) =>
        new(http, Request(method, OneMessage(request), null), parser, cancellation);

    /// <summary>Messages both ways.</summary>
    internal GrpcDuplexCall Duplex(string method, MessageParser parser)
    {
        MessageSink sink = new();
        sink.Headers.TryAddWithoutValidation("content-type", ContentType);
        return new GrpcDuplexCall(http, Request(method, sink, null), parser, sink);
    }

    public void Dispose() => http.Dispose();

    internal static void WriteFrame(IMessage message, Span<byte> frame)
    {
        frame[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame[1..], frame.Length - PrefixBytes);
        message.WriteTo(frame[PrefixBytes..]);
    }

    private static ByteArrayContent OneMessage(IMessage message)
    {
        byte[] frame = new byte[PrefixBytes + message.CalculateSize()];
        WriteFrame(message, frame);
        ByteArrayContent content = new(frame);
        content.Headers.TryAddWithoutValidation("content-type", ContentType);
        return content;
    }

    private HttpRequestMessage Request(string method, HttpContent content, TimeSpan? within)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri($"http://quiltd/{service}/{method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        if (within is { } limit)
        {
            request.Headers.TryAddWithoutValidation("grpc-timeout", ((long)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "m");
        }

        return request;
    }
}
