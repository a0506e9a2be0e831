using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>The engine over gRPC: decodes requests, asks the engine through the agents' layer, encodes its answers.</summary>
internal sealed partial class QuiltGrpcService(ContainerEngine engine, AgentLayer agents, DaemonOptions options, McpFace mcp, DescriptorChannels channels) : QuiltService.QuiltServiceBase
{
    /// <summary>Passes a call through the execution engine as the tool that does the same.</summary>
    /// <param name="arguments">For the audit.</param>
    private Task<T> RunAsync<T>(ServerCallContext context, string tool, IMessage request, Func<string> arguments, Func<Caller, CancellationToken, Task<T>> body)
        where T : IMessage<T>, new() => agents.Execution.RunAsync(
            GrpcCall.Of(context), agents.Tools.Get(tool).Definition, new CallArguments(arguments, () => Convert.ToBase64String(request.ToByteArray())), body, MessageCodec<T>.Instance,
            context.CancellationToken);

    /// <summary>A call whose answers are a stream: it is under way until the last one.</summary>
    private Task<bool> StreamAsync(ServerCallContext context, string tool, Func<string> arguments, Func<Caller, CancellationToken, Task> body) => agents.Execution.RunAsync(
        GrpcCall.Of(context), agents.Tools.Get(tool).Definition, new CallArguments(arguments, arguments),
        async (caller, cancellation) =>
        {
            await body(caller, cancellation).ConfigureAwait(false);
            return true;
        },
        null, context.CancellationToken);

    private static class MessageCodec<T>
        where T : IMessage<T>, new()
    {
        private static readonly MessageParser<T> Parser = new(() => new T());

        internal static Codec<T> Instance { get; } = new(message => message.ToByteString().ToBase64(), text => Parser.ParseFrom(ByteString.FromBase64(text)));
    }
}
