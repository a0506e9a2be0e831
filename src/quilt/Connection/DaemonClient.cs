using System.Buffers;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>
/// The calls of QuiltService. The generated client would make the runtime build the types of each call anew at its first use, for
/// every pair of messages, which is half of a short command's time; here all calls share one pair, the message interface.
/// </summary>
/// <param name="caller">What each call says of who makes it; null where nothing.</param>
internal sealed class DaemonClient(CallInvoker invoker, Metadata? caller)
{
    private const string Service = "quilt.v1.QuiltService";
    private static readonly Marshaller<IMessage> Outgoing = new(Serialize, _ => throw new NotSupportedException());

    internal Task<CreateContainerResponse> CreateContainerAsync(CreateContainerRequest request, CancellationToken cancellation = default) =>
        UnaryAsync("CreateContainer", request, CreateContainerResponse.Parser, cancellation: cancellation);

    internal Task<StartContainerResponse> StartContainerAsync(StartContainerRequest request, CancellationToken cancellation = default) =>
        UnaryAsync("StartContainer", request, StartContainerResponse.Parser, cancellation: cancellation);

    internal Task<StopContainerResponse> StopContainerAsync(StopContainerRequest request) => UnaryAsync("StopContainer", request, StopContainerResponse.Parser);

    internal Task<KillContainerResponse> KillContainerAsync(KillContainerRequest request) => UnaryAsync("KillContainer", request, KillContainerResponse.Parser);

    internal Task<StartContainerResponse> RestartContainerAsync(RestartContainerRequest request) =>
        UnaryAsync("RestartContainer", request, StartContainerResponse.Parser);

    internal Task<Container> PauseContainerAsync(ContainerRequest request) => UnaryAsync("PauseContainer", request, Container.Parser);

    internal Task<Container> UnpauseContainerAsync(ContainerRequest request) => UnaryAsync("UnpauseContainer", request, Container.Parser);

    internal Task<RemoveContainerResponse> RemoveContainerAsync(RemoveContainerRequest request) =>
        UnaryAsync("RemoveContainer", request, RemoveContainerResponse.Parser);

    internal Task<ListContainersResponse> ListContainersAsync(ListContainersRequest request, TimeSpan? within = null) =>
        UnaryAsync("ListContainers", request, ListContainersResponse.Parser, within);

    internal Task<Container> GetContainerAsync(ContainerRequest request) => UnaryAsync("GetContainer", request, Container.Parser);

    internal Task<WaitContainerResponse> WaitContainerAsync(WaitContainerRequest request) => UnaryAsync("WaitContainer", request, WaitContainerResponse.Parser);

    internal Task<ExecResponse> ExecAsync(ExecRequest request) => UnaryAsync("Exec", request, ExecResponse.Parser);

    internal Task<GetExecResponse> GetExecAsync(GetExecRequest request) => UnaryAsync("GetExec", request, GetExecResponse.Parser);

    internal Task<KillExecResponse> KillExecAsync(KillExecRequest request) => UnaryAsync("KillExec", request, KillExecResponse.Parser);

    internal Task<ListImagesResponse> ListImagesAsync(ListImagesRequest request, TimeSpan? within = null) =>
        UnaryAsync("ListImages", request, ListImagesResponse.Parser, within);

    internal Task<GetInfoResponse> GetInfoAsync(GetInfoRequest request) => UnaryAsync("GetInfo", request, GetInfoResponse.Parser);

    internal Task<OpenDashboardResponse> OpenDashboardAsync(OpenDashboardRequest request) => UnaryAsync("OpenDashboard", request, OpenDashboardResponse.Parser);

    internal Task<GetVersionResponse> GetVersionAsync(GetVersionRequest request, TimeSpan? within = null) =>
        UnaryAsync("GetVersion", request, GetVersionResponse.Parser, within);

    internal IAsyncEnumerable<LogLine> GetLogs(GetLogsRequest request) => Stream("GetLogs", request, LogLine.Parser);

    internal IAsyncEnumerable<GetStatsResponse> GetStats(GetStatsRequest request) => Stream("GetStats", request, GetStatsResponse.Parser);

    internal IAsyncEnumerable<Event> GetEvents(GetEventsRequest request) => Stream("GetEvents", request, Event.Parser);

    internal Task<ListToolsResponse> ListToolsAsync(ListToolsRequest request, TimeSpan? within = null) =>
        UnaryAsync("ListTools", request, ListToolsResponse.Parser, within);

    /// <param name="idempotencyKey">A second call with it gets the first one's outcome; null for none.</param>
    internal IAsyncEnumerable<CallToolEvent> CallTool(CallToolRequest request, string? idempotencyKey = null, TimeSpan? within = null) =>
        Stream("CallTool", request, CallToolEvent.Parser, idempotencyKey, within);

    internal AsyncClientStreamingCall<IMessage, IMessage> Upload() =>
        GrpcCalls.ClientStreaming(invoker, Method(MethodType.ClientStreaming, "Upload", UploadResponse.Parser), null, new CallOptions(caller));

    internal IAsyncEnumerable<ContentChunk> Download(DownloadRequest request) => Stream("Download", request, ContentChunk.Parser);

    internal AsyncDuplexStreamingCall<IMessage, IMessage> AttachContainer() => Duplex("AttachContainer", StreamOutput.Parser);

    /// <param name="outputs">Where the output is to come, if it can; null: in the stream.</param>
    internal AsyncDuplexStreamingCall<IMessage, IMessage> ExecStream(DescriptorChannel? outputs = null) =>
        Duplex("ExecStream", StreamOutput.Parser, With(DescriptorChannel.Header, outputs?.Id));

    internal AsyncDuplexStreamingCall<IMessage, IMessage> Mcp() => Duplex("Mcp", McpMessage.Parser);

    private static DateTime? Within(TimeSpan? time) => time is { } limit ? (DateTimeOffset.UtcNow + limit).UtcDateTime : null;

    private static Method<IMessage, IMessage> Method(MethodType type, string name, MessageParser parser) =>
        new(type, Service, name, Outgoing, new Marshaller<IMessage>(Serialize, context => parser.ParseFrom(context.PayloadAsReadOnlySequence())));

    private static void Serialize(IMessage message, SerializationContext context)
    {
        context.SetPayloadLength(message.CalculateSize());
        IBufferWriter<byte> writer = context.GetBufferWriter();
        message.WriteTo(writer);
        context.Complete();
    }

    private async Task<T> UnaryAsync<T>(string name, IMessage request, MessageParser<T> parser, TimeSpan? within = null, CancellationToken cancellation = default)
        where T : class, IMessage<T>
    {
        using AsyncUnaryCall<IMessage> call = GrpcCalls.Unary(invoker, Method(MethodType.Unary, name, parser), null, new CallOptions(caller, Within(within), cancellation), request);
        try
        {
            return (T)await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(null, e, cancellation);
        }
    }

    private async IAsyncEnumerable<T> Stream<T>(string name, IMessage request, MessageParser<T> parser, string? idempotencyKey = null, TimeSpan? within = null, [EnumeratorCancellation] CancellationToken cancellation = default)
        where T : class, IMessage<T>
    {
        using AsyncServerStreamingCall<IMessage> call = GrpcCalls.ServerStreaming(
            invoker, Method(MethodType.ServerStreaming, name, parser), null, new CallOptions(With("idempotency-key", idempotencyKey), Within(within), cancellation), request);
        while (await NextAsync(call, cancellation).ConfigureAwait(false))
        {
            yield return (T)call.ResponseStream.Current;
        }
    }

    private static async Task<bool> NextAsync(AsyncServerStreamingCall<IMessage> call, CancellationToken cancellation)
    {
        try
        {
            return await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false);
        }
        catch (RpcException e) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(null, e, cancellation);
        }
    }

    private AsyncDuplexStreamingCall<IMessage, IMessage> Duplex(string name, MessageParser parser, Metadata? metadata = null) =>
        GrpcCalls.DuplexStreaming(invoker, Method(MethodType.DuplexStreaming, name, parser), null, new CallOptions(metadata ?? caller));

    private Metadata? With(string header, string? value)
    {
        if (value is null)
        {
            return caller;
        }

        Metadata metadata = [.. caller ?? []];
        metadata.Add(header, value);
        return metadata;
    }
}
