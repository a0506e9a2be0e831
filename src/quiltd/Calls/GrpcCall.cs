using Grpc.Core;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>What a gRPC call's metadata says of it.</summary>
internal static class GrpcCall
{
    internal static Call Of(ServerCallContext context) => Bearer.Read(context.RequestHeaders.GetValue("authorization"), new Call("grpc")
    {
        OwnSocket = context.GetHttpContext().Features.Get<OwnSocket>() is not null,
        Session = context.RequestHeaders.GetValue("quilt-session"),
        IdempotencyKey = context.RequestHeaders.GetValue("idempotency-key"),
        TraceParent = context.RequestHeaders.GetValue(Telemetry.TraceHeader),
    });
}
