using Google.Rpc;
using Grpc.Core;
using Quilt.Api;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Linux;
using StatusCode = Grpc.Core.StatusCode;

namespace Quilt.Cli;

/// <summary>Turns whatever can go wrong into the one exception that people are told of.</summary>
internal static class Failure
{
    internal static QuiltException From(Exception e) => e switch
    {
        QuiltException known => known,
        RpcException remote => FromDaemon(remote),
        SyscallException or IOException or UnauthorizedAccessException => new QuiltException(
            ErrorCode.Internal, e.Message, "see that what is named is there, that you may read or write it, and that its disk has space", inner: e),
        OperationCanceledException => new QuiltException(ErrorCode.Aborted, "it was cancelled", inner: e),
        _ => new QuiltException(ErrorCode.Internal, $"{e.GetType().Name}: {e.Message}", "this is a bug in quilt; please report it", inner: e),
    };

    /// <summary>Of a file of the caller's: it cannot be read or written, or none can have its name.</summary>
    internal static bool IsOfFile(Exception e) => e is IOException or UnauthorizedAccessException or SyscallException or ArgumentException;

    private static QuiltException FromDaemon(RpcException e)
    {
        if (e.StatusCode != StatusCode.Cancelled && e.GetRpcStatus()?.GetDetail<ErrorDetail>() is { } detail)
        {
            return new QuiltException(ErrorCodes.FromWireName(detail.Code), detail.Message, NullIfEmpty(detail.Remedy), NullIfEmpty(detail.Field), e);
        }

        // A status without a detail comes from the transport, not from the engine.
        return e.StatusCode switch
        {
            StatusCode.Unimplemented => new QuiltException(
                ErrorCode.Unimplemented, "this quiltd does not know the call", "use a quilt and a quiltd of the same version", inner: e),
            StatusCode.DeadlineExceeded => new QuiltException(ErrorCode.DeadlineExceeded, "quiltd did not answer in time", inner: e),
            _ when e.IsOfConnection() => new QuiltException(
                ErrorCode.Unavailable, "the connection to quiltd was lost", "see whether quiltd still runs; containers go on without it", inner: e),
            _ => new QuiltException(ErrorCode.Internal, $"quiltd answered {e.StatusCode}: {e.Status.Detail}", "see quiltd's log", inner: e),
        };
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
