using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;
using RpcStatus = Google.Rpc.Status;

namespace Quilt.Daemon;

/// <summary>The one table from our error codes to gRPC's, which are fewer. The detail carries ours.</summary>
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
        ErrorCode.Aborted => StatusCode.Aborted,
        ErrorCode.Unimplemented => StatusCode.Unimplemented,
        _ => StatusCode.Internal,
    };
}
