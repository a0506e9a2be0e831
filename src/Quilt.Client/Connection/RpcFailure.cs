using System.Security.Authentication;
using Google.Rpc;
using Grpc.Core;
using Quilt.Api;
using Quilt.Api.V1;
using Quilt.Core;
using StatusCode = Grpc.Core.StatusCode;

namespace Quilt.Client;

/// <summary>From gRPC's failures to ours.</summary>
internal static class RpcFailure
{
    /// <summary>Cancelled by the caller it is an <see cref="OperationCanceledException"/>, else a <see cref="QuiltException"/>.</summary>
    internal static Exception From(RpcException e, string host, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return new OperationCanceledException(e.Status.Detail, e, cancellation);
        }

        if (e.StatusCode != StatusCode.Cancelled && e.GetRpcStatus()?.GetDetail<ErrorDetail>() is { } detail)
        {
            return new QuiltException(ErrorCodes.FromWireName(detail.Code), detail.Message, NullIfEmpty(detail.Remedy), NullIfEmpty(detail.Field), e);
        }

        // A status without a detail comes from the transport, not from the engine.
        return e.StatusCode switch
        {
            StatusCode.Unimplemented => new QuiltException(ErrorCode.Unimplemented, "this quiltd does not know the call", "use a client and a quiltd of the same version", inner: e),
            StatusCode.DeadlineExceeded => new QuiltException(ErrorCode.DeadlineExceeded, "quiltd did not answer in time", inner: e),
            _ when e.Status.DebugException?.GetBaseException() is AuthenticationException insecure => new QuiltException(
                ErrorCode.Unavailable, $"quiltd at {host} cannot be reached: {insecure.Message}", "trust its certificate (STATE/http.crt where it made its own), and call it by a name that is in it", inner: e),
            _ when e.IsOfConnection() => new QuiltException(
                ErrorCode.Unavailable, $"quiltd at {host} cannot be reached, or the connection to it was lost", "see whether it runs and whether you may use it; containers go on without it", inner: e),
            _ => new QuiltException(ErrorCode.Internal, $"quiltd answered {e.StatusCode}: {e.Status.Detail}", "see quiltd's log", inner: e),
        };
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
