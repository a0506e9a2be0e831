using Grpc.Core;
using Quilt.Core;

namespace Quilt.Cli.Tests;

public sealed class FailureTests
{
    [Theory]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.ResourceExhausted)]
    public void What_broke_the_connection_is_no_answer_of_quiltds(StatusCode madeOfIt)
    {
        QuiltException lost = Failure.From(new RpcException(new Status(madeOfIt, "Error starting gRPC call.", new HttpRequestException("reset"))));
        Assert.Equal((ErrorCode.Unavailable, "the connection to quiltd was lost"), (lost.Code, lost.Message));
        Assert.Equal(ErrorCode.Internal, Failure.From(new RpcException(new Status(madeOfIt, "quiltd's own"))).Code);
    }
}
