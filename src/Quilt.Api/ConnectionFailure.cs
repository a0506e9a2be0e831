using Grpc.Core;

namespace Quilt.Api;

/// <summary>Which failed calls quiltd has not answered.</summary>
public static class ConnectionFailure
{
    /// <summary>Also where the transport's own code of what broke it (RFC 9113, 7) was made a status of: none of those was answered by quiltd.</summary>
    public static bool IsOfConnection(this RpcException e) => e.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled || e.Status.DebugException is HttpRequestException or IOException;
}
