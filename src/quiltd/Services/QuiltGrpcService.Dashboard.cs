using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    public override Task<OpenDashboardResponse> OpenDashboard(OpenDashboardRequest request, ServerCallContext context) => RunAsync(
        context, "createToken", request, () => Told.Of(("agent", request.Agent), ("dashboard", true)), (caller, _) =>
        {
            DashboardEndpoint endpoint = options.Dashboard is { } address
                ? DashboardEndpoint.Parse(address)
                : throw new QuiltException(ErrorCode.FailedPrecondition, "quiltd serves no dashboard", "start it with --dashboard 127.0.0.1:7420");
            (Token token, string code) = agents.Links.Make(caller, request.Agent, WireTime.Span("ttl", request.Ttl));
            return Task.FromResult(new OpenDashboardResponse { Url = $"{endpoint.Url}#code={code}", TokenId = token.Id, ExpiresAt = token.ExpiresAt!.Value.ToTimestamp() });
        });
}
