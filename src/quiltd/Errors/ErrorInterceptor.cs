using Grpc.Core;
using Grpc.Core.Interceptors;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Every failure leaves as a status with code, field and remedy. What nobody foresaw is logged here and told without its inner workings.</summary>
internal sealed partial class ErrorInterceptor(ILogger<ErrorInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    private RpcException Translate(Exception failure, ServerCallContext context)
    {
        if (failure is QuiltException known)
        {
            return known.ToRpc();
        }

        if (failure is OperationCanceledException || context.CancellationToken.IsCancellationRequested)
        {
            return context.Deadline < DateTime.MaxValue && TimeProvider.System.GetUtcNow() >= context.Deadline
                ? new QuiltException(ErrorCode.DeadlineExceeded, "the call took longer than its deadline", "give it more time").ToRpc()
                : new RpcException(new Status(StatusCode.Cancelled, "the call was cancelled"));
        }

        LogUnforeseen(failure, context.Method);
        return new QuiltException(ErrorCode.Internal, "an error inside quiltd", "see quiltd's log, and report it").ToRpc();
    }

    [LoggerMessage(EventId = 100, Level = LogLevel.Error, Message = "{Method} failed")]
    private partial void LogUnforeseen(Exception failure, string method);
}
