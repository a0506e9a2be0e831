using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    private const int UsualPage = 1000, LargestPage = 10_000;

    public override Task<CreateContainerResponse> CreateContainer(CreateContainerRequest request, ServerCallContext context) => RunAsync(
        context, "createContainer", request, () => Told.Of(
            ("name", request.Spec?.Name), ("image", request.Spec?.Image), ("command", request.Spec?.Command), ("env", request.Spec?.Env.Keys.ToArray()), ("user", request.Spec?.User),
            ("strategy", request.Spec?.Strategy), ("taskId", request.Spec?.TaskId), ("memory", request.Spec?.Resources?.MemoryBytes), ("cpus", request.Spec?.Resources?.Cpus),
            ("pids", request.Spec?.Resources?.Pids), ("secrets", request.Spec?.Secrets), ("capabilities.add", request.Spec?.CapAdd), ("autoStart", request.AutoStart)),
        async (caller, cancellation) =>
        {
            (ContainerRecord record, IReadOnlyList<string> warnings) = await agents.Workloads.CreateAsync(caller, RequestArguments.Of(request), cancellation).ConfigureAwait(false);
            return new CreateContainerResponse { Container = record.ToMessage(), Warnings = { warnings } };
        });

    public override Task<StartContainerResponse> StartContainer(StartContainerRequest request, ServerCallContext context) => OnContainer(
        context, "startContainer", request, request.Container, async (record, cancellation) =>
        {
            long began = Stopwatch.GetTimestamp();
            return Started(await engine.StartAsync(record.Id, RequestArguments.Window(request.TerminalSize), cancellation).ConfigureAwait(false), began);
        });

    public override Task<StopContainerResponse> StopContainer(StopContainerRequest request, ServerCallContext context) => OnContainer(
        context, "stopContainer", request, request.Container, async (found, cancellation) =>
        {
            int? signal = request.Signal.Length > 0 ? ProcessFields.Signal("signal", request.Signal) : null;
            (ContainerRecord record, bool forced) = await engine.StopAsync(found.Id, signal, RequestArguments.Timeout(request.Timeout), cancellation).ConfigureAwait(false);
            return new StopContainerResponse { Container = record.ToMessage(), Forced = forced };
        });

    public override Task<KillContainerResponse> KillContainer(KillContainerRequest request, ServerCallContext context) => OnContainer(
        context, "stopContainer", request, request.Container, async (record, cancellation) =>
        {
            await engine.KillAsync(record.Id, request.Signal.Length > 0 ? ProcessFields.Signal("signal", request.Signal) : Linux.Signals.Kill, cancellation).ConfigureAwait(false);
            return new KillContainerResponse();
        });

    public override Task<StartContainerResponse> RestartContainer(RestartContainerRequest request, ServerCallContext context) => OnContainer(
        context, "restartContainer", request, request.Container, async (record, cancellation) =>
        {
            long began = Stopwatch.GetTimestamp();
            return Started(await engine.RestartAsync(record.Id, RequestArguments.Timeout(request.Timeout), cancellation).ConfigureAwait(false), began);
        });

    public override Task<Container> PauseContainer(ContainerRequest request, ServerCallContext context) => OnContainer(
        context, "pauseContainer", request, request.Container, async (record, cancellation) => (await engine.PauseAsync(record.Id, cancellation).ConfigureAwait(false)).ToMessage());

    public override Task<Container> UnpauseContainer(ContainerRequest request, ServerCallContext context) => OnContainer(
        context, "unpauseContainer", request, request.Container, async (record, cancellation) => (await engine.UnpauseAsync(record.Id, cancellation).ConfigureAwait(false)).ToMessage());

    public override Task<RemoveContainerResponse> RemoveContainer(RemoveContainerRequest request, ServerCallContext context) => OnContainer(
        context, "removeContainer", request, request.Container, async (record, cancellation) =>
        {
            RemoveContainerArguments.CheckVolumes(request.HasVolumes ? request.Volumes : null);
            return new RemoveContainerResponse { Id = (await engine.RemoveAsync(record.Id, request.Force, cancellation).ConfigureAwait(false)).Value };
        });

    public override Task<Container> GetContainer(ContainerRequest request, ServerCallContext context) => OnContainer(
        context, "getContainerStatus", request, request.Container,
        async (caller, record, cancellation) => (await engine.GetCurrentAsync(record.Id, cancellation).ConfigureAwait(false)).ToMessage(caller, whole: true).WithNames(engine), Access.Use);

    public override Task<ListContainersResponse> ListContainers(ListContainersRequest request, ServerCallContext context) => RunAsync(
        context, "listContainers", request, () => Told.Of(("name", request.Name), ("image", request.Image), ("strategy", request.Strategy)), async (caller, cancellation) =>
        {
            int limit = request.Limit switch
            {
                0 => UsualPage,
                > 0 and <= LargestPage => request.Limit,
                _ => throw QuiltException.Invalid("limit", $"limit {request.Limit} is no size of a page", $"give 1 to {LargestPage}"),
            };
            Func<ContainerRecord, bool> filter = ContainerFilter.Read(request);
            IReadOnlyList<ContainerRecord> found = await engine.ListAsync(r => caller.MayUse(r) && filter(r), cancellation).ConfigureAwait(false);
            (IReadOnlyList<ContainerRecord> page, string? cursor) = ListContainersTool.Page(found, request.Cursor, limit);
            return new ListContainersResponse { Containers = { page.Select(r => r.ToMessage(caller)) }, NextCursor = cursor ?? "" };
        });

    public override Task<WaitContainerResponse> WaitContainer(WaitContainerRequest request, ServerCallContext context) => OnContainer(
        context, "waitForContainer", request, request.Container, async (caller, record, cancellation) =>
        {
            ContainerWait wait = new(request.Until, RequestArguments.Timeout(request.Timeout))
            {
                Pattern = request.Pattern,
                Since = WireTime.Moment("since", request.Since),
                Port = request.HasPort ? request.Port : null,
                Protocol = request.Protocol,
            };
            (ContainerRecord now, LogEntry? line) = await wait.RunAsync(engine, record, cancellation).ConfigureAwait(false);
            return new WaitContainerResponse { Container = now.ToMessage(caller), Line = line?.ToMessage() };
        }, Access.Use);

    /// <summary>A call about one container that the caller may know of.</summary>
    private Task<T> OnContainer<T>(
        ServerCallContext context, string tool, Google.Protobuf.IMessage request, string container, Func<ContainerRecord, CancellationToken, Task<T>> body, Access access = Access.Manage)
        where T : Google.Protobuf.IMessage<T>, new() => OnContainer(context, tool, request, container, (_, record, cancellation) => body(record, cancellation), access);

    private Task<T> OnContainer<T>(
        ServerCallContext context, string tool, Google.Protobuf.IMessage request, string container, Func<Caller, ContainerRecord, CancellationToken, Task<T>> body, Access access)
        where T : Google.Protobuf.IMessage<T>, new() => RunAsync(
            context, tool, request, () => Told.Of(("container", container)), (caller, cancellation) => body(caller, caller.Container(container, access), cancellation));

    private static StartContainerResponse Started(ContainerRecord record, long began) =>
        new() { Container = record.ToMessage(), Duration = Stopwatch.GetElapsedTime(began).ToDuration() };
}
