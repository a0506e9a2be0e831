using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Fuzzing;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests.Hostile;

/// <summary>The bodies of every call of the API, damaged anywhere, as an agent sends them.</summary>
public sealed class GrpcRequestTests(HostileDaemon hostile) : IClassFixture<HostileDaemon>
{
    // For those that follow something; the daemon answers all others long before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(60);
    private static readonly string[] Following = ["WaitContainer", "GetLogs", "GetStats", "GetEvents", "CallTool", "Exec", "ExecStream", "AttachContainer", "Mcp"];
    private static readonly MethodDescriptor[] Calls = [.. QuiltService.Descriptor.Methods];
    private static readonly Marshaller<byte[]> AsTheyAre = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    [Fact]
    public void A_request_that_is_anything_is_answered_and_its_failure_is_not_the_daemons() => hostile.Survives(() => Fuzz.Run(
        Gen.Int[0, Calls.Length - 1].SelectMany(which => MutatedMessage.Of(Calls[which].InputType).Select(body => (which, body))),
        input => Sends(Calls[input.which], input.body, hostile.Token),
        iterations: 600));

    /// <summary>What is no message at all is told so, by streams too, and not as an error of the daemon's. Of an agent of its own: of the other some uploads may wait, and no more may.</summary>
    [Fact]
    public void A_body_that_is_no_message_is_refused_by_every_call() => hostile.Survives(() =>
    {
        string token = hostile.Daemon.Client.Agent().GetAwaiter().GetResult();
        Assert.All(
            Calls.Where(c => c.InputType.Fields.InDeclarationOrder().Any()), call => Assert.Equal((call.Name, StatusCode.InvalidArgument), (call.Name, Sends(call, [0x0a, 0xff, 0xff], token))));
    });

    private StatusCode Sends(MethodDescriptor call, byte[] body, string token)
    {
        StatusCode status = SendAsync(call, body, token).GetAwaiter().GetResult();
        Assert.DoesNotContain(status, (StatusCode[])[StatusCode.Internal, StatusCode.Unknown, StatusCode.Unavailable]);
        Assert.True(status != StatusCode.DeadlineExceeded || Following.Contains(call.Name), $"{call.Name} did not answer");
        return status;
    }

    private async Task<StatusCode> SendAsync(MethodDescriptor call, byte[] body, string token)
    {
        Method<byte[], byte[]> method = new(MethodType.DuplexStreaming, QuiltService.Descriptor.FullName, call.Name, AsTheyAre, AsTheyAre);
        TimeSpan patience = Following.Contains(call.Name) ? Patience : Longest;
        CallOptions options = new(TestContainers.Bearer(token), TimeProvider.System.GetUtcNow().Add(patience).UtcDateTime, TestContext.Current.CancellationToken);
        using AsyncDuplexStreamingCall<byte[], byte[]> sent = hostile.Invoker.AsyncDuplexStreamingCall(method, null, options);
        try
        {
            try
            {
                await sent.RequestStream.WriteAsync(body);
                await sent.RequestStream.CompleteAsync();
            }
            catch (Exception e) when (e is InvalidOperationException or RpcException)
            {
                // It was answered before it was sent whole: the answer tells.
            }

            while (await sent.ResponseStream.MoveNext(CancellationToken.None))
            {
            }

            return sent.GetStatus().StatusCode;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}
