using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;
using RpcStatus = Google.Rpc.Status;

namespace Quilt.Daemon;

/// <summary>The one table from our error codes to gRPC's and HTTP's, which are fewer. The detail carries ours.</summary>
internal static class ErrorStatus
{
    internal static RpcException ToRpc(this QuiltException failure)
    {
        RpcStatus status = new()
        {
            Code = (int)CodeOf(failure.Code),
            Message = failure.Message,
            Details =
            {
                Any.Pack(new ErrorDetail
                {
                    Code = failure.Code.WireName(),
                    Message = failure.Message,
                    Field = failure.Field ?? "",
                    Remedy = failure.Remedy ?? "",
                }),
            },
        };
        return status.ToRpcException();
    }

    /// <summary>And to HTTP's (RFC 9110).</summary>
    internal static int HttpStatus(this ErrorCode code) => code switch
    {
        ErrorCode.InvalidArgument => StatusCodes.Status400BadRequest,
        ErrorCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorCode.PermissionDenied => StatusCodes.Status403Forbidden,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.AlreadyExists or ErrorCode.FailedPrecondition or ErrorCode.Aborted => StatusCodes.Status409Conflict,
        ErrorCode.CommandNotFound or ErrorCode.CommandNotExecutable => StatusCodes.Status422UnprocessableEntity,
        ErrorCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        ErrorCode.Unimplemented => StatusCodes.Status501NotImplemented,
        ErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        ErrorCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static StatusCode CodeOf(ErrorCode code) => code switch
    {
        ErrorCode.InvalidArgument => StatusCode.InvalidArgument,
        ErrorCode.NotFound or ErrorCode.CommandNotFound => StatusCode.NotFound,
        ErrorCode.AlreadyExists => StatusCode.AlreadyExists,
        ErrorCode.FailedPrecondition or ErrorCode.CommandNotExecutable => StatusCode.FailedPrecondition,
        ErrorCode.PermissionDenied => StatusCode.PermissionDenied,
        ErrorCode.ResourceExhausted => StatusCode.ResourceExhausted,
        ErrorCode.Unavailable => StatusCode.Unavailable,
        ErrorCode.DeadlineExceeded => StatusCode.DeadlineExceeded,
        ErrorCode.Unauthenticated => StatusCode.Unauthenticated,
        ErrorCode.Aborted => StatusCode.Aborted,
        ErrorCode.Unimplemented => StatusCode.Unimplemented,
        _ => StatusCode.Internal,
    };
}
