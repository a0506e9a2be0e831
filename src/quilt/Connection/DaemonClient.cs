using System.Runtime.CompilerServices;
using Google.Protobuf;
using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>The calls of QuiltService.</summary>
internal sealed class DaemonClient(GrpcTransport transport)
{
    internal const string Service = "quilt.v1.QuiltService";

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

    internal Task<KillExecResponse> KillExecAsync(KillExecRequest request) => UnaryAsync("KillExec", request, KillExecResponse.Parser);

    internal Task<ListImagesResponse> ListImagesAsync(ListImagesRequest request, TimeSpan? within = null) =>
        UnaryAsync("ListImages", request, ListImagesResponse.Parser, within);

    internal Task<GetInfoResponse> GetInfoAsync(GetInfoRequest request) => UnaryAsync("GetInfo", request, GetInfoResponse.Parser);

    internal Task<GetVersionResponse> GetVersionAsync(GetVersionRequest request, TimeSpan? within = null) =>
        UnaryAsync("GetVersion", request, GetVersionResponse.Parser, within);

    internal IAsyncEnumerable<LogLine> GetLogs(GetLogsRequest request) => Stream("GetLogs", request, LogLine.Parser);

    internal IAsyncEnumerable<GetStatsResponse> GetStats(GetStatsRequest request) => Stream("GetStats", request, GetStatsResponse.Parser);

    internal IAsyncEnumerable<Event> GetEvents(GetEventsRequest request) => Stream("GetEvents", request, Event.Parser);

    internal GrpcDuplexCall AttachContainer() => transport.Duplex("AttachContainer", StreamOutput.Parser);

    internal GrpcDuplexCall ExecStream() => transport.Duplex("ExecStream", StreamOutput.Parser);

    private async Task<T> UnaryAsync<T>(string method, IMessage request, MessageParser<T> parser, TimeSpan? within = null, CancellationToken cancellation = default)
        where T : class, IMessage<T> =>
        (T)await transport.UnaryAsync(method, request, parser, within, cancellation).ConfigureAwait(false);

    private async IAsyncEnumerable<T> Stream<T>(string method, IMessage request, MessageParser<T> parser, [EnumeratorCancellation] CancellationToken cancellation = default)
        where T : class, IMessage<T>
    {
        using GrpcCall call = transport.Stream(method, request, parser, cancellation);
        while (await call.MoveNextAsync().ConfigureAwait(false))
        {
            yield return (T)call.Current;
        }
    }
}
