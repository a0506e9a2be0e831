using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Quilt.Api.V1;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Calls of the daemon by their descriptions, so that a test can be of all that there are and will be.</summary>
/// <param name="container">Whom each call is about that is about one.</param>
internal sealed class AnyCall(CallInvoker invoker, string container)
{
    internal static IEnumerable<MethodDescriptor> All => QuiltService.Descriptor.Methods;

    /// <summary>Its first answer.</summary>
    /// <param name="token">Empty: without one.</param>
    /// <exception cref="RpcException">It is refused.</exception>
    internal async Task<IMessage?> MakeAsync(MethodDescriptor called, string token)
    {
        Method<IMessage, IMessage> method = new(
            (called.IsClientStreaming, called.IsServerStreaming) switch
            {
                (true, true) => MethodType.DuplexStreaming,
                (true, false) => MethodType.ClientStreaming,
                (false, true) => MethodType.ServerStreaming,
                _ => MethodType.Unary,
            },
            called.Service.FullName, called.Name, Marshallers.Create(MessageExtensions.ToByteArray, called.InputType.Parser.ParseFrom), Marshallers.Create(MessageExtensions.ToByteArray, called.OutputType.Parser.ParseFrom));
        CallOptions options = new(token.Length > 0 ? Bearer(token) : [], cancellationToken: Cancellation);
        IMessage request = called.Name == "AttachContainer" ? new StreamInput { Attach = container } : Request(called.InputType);
        switch (method.Type)
        {
            case MethodType.Unary:
                return await invoker.AsyncUnaryCall(method, null, options, request);
            case MethodType.ServerStreaming:
                using (AsyncServerStreamingCall<IMessage> call = invoker.AsyncServerStreamingCall(method, null, options, request))
                {
                    return await call.ResponseStream.MoveNext(Cancellation) ? call.ResponseStream.Current : null;
                }

            case MethodType.ClientStreaming:
                using (AsyncClientStreamingCall<IMessage, IMessage> call = invoker.AsyncClientStreamingCall(method, null, options))
                {
                    await SendAsync(call.RequestStream, request);
                    return await call.ResponseAsync;
                }

            default:
                using (AsyncDuplexStreamingCall<IMessage, IMessage> call = invoker.AsyncDuplexStreamingCall(method, null, options))
                {
                    await SendAsync(call.RequestStream, request);
                    return await call.ResponseStream.MoveNext(Cancellation) ? call.ResponseStream.Current : null;
                }
        }
    }

    /// <summary>Whoever is refused at once takes no message; the answer tells.</summary>
    private static async Task SendAsync(IClientStreamWriter<IMessage> stream, IMessage request)
    {
        try
        {
            await stream.WriteAsync(request);
            await stream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
        }
    }

    /// <summary>The least that is taken for one.</summary>
    private IMessage Request(MessageDescriptor type)
    {
        IMessage message = type.Parser.ParseFrom(ByteString.Empty);
        switch (message)
        {
            case CallToolRequest tool:
                tool.Name = "execInContainer";
                tool.Arguments = $$"""{"container":"{{container}}","command":["id"]}""";
                break;
            case McpMessage mcp:
                mcp.Json = """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""";
                break;
            case StreamInput input:
                input.Exec = (ExecRequest)Request(ExecRequest.Descriptor);
                break;
            default:
                type.FindFieldByName("container")?.Accessor.SetValue(message, container);
                (type.FindFieldByName("command")?.Accessor.GetValue(message) as System.Collections.IList)?.Add("id");
                break;
        }

        return message;
    }
}
