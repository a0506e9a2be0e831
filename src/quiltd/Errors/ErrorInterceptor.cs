using Grpc.Core;
using Grpc.Core.Interceptors;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Every failure leaves as a status with code, field and remedy. What nobody foresaw is logged here and told without its inner workings.</summary>
internal sealed partial class ErrorInterceptor(ILogger<ErrorInterceptor> logger) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Guarded(() => continuation(request, context), context);

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        Guarded(() => continuation(requestStream, context), context);

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        Guarded(() => continuation(request, responseStream, context), context);

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        Guarded(() => continuation(requestStream, responseStream, context), context);

    private async Task<TResponse> Guarded<TResponse>(Func<Task<TResponse>> call, ServerCallContext context)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    private Task<bool> Guarded(Func<Task> call, ServerCallContext context) => Guarded(
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        context);

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
