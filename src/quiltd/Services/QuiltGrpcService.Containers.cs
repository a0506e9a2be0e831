using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    private const int UsualPage = 1000, LargestPage = 10_000;

    public override async Task<CreateContainerResponse> CreateContainer(CreateContainerRequest request, ServerCallContext context)
    {
        WindowSize? window = ProcessFields.Window(request.TerminalSize);
        ContainerRecord record = await engine.CreateAsync(ContainerSpecReader.Read(request.Spec), window, request.AutoStart, context.CancellationToken).ConfigureAwait(false);
        return new CreateContainerResponse { Container = record.ToMessage() };
    }

    public override async Task<StartContainerResponse> StartContainer(StartContainerRequest request, ServerCallContext context)
    {
        long began = Stopwatch.GetTimestamp();
        ContainerRecord record = await engine.StartAsync(request.Container, ProcessFields.Window(request.TerminalSize), context.CancellationToken).ConfigureAwait(false);
        return new StartContainerResponse { Container = record.ToMessage(), Duration = Stopwatch.GetElapsedTime(began).ToDuration() };
    }

    public override async Task<StopContainerResponse> StopContainer(StopContainerRequest request, ServerCallContext context)
    {
        int? signal = request.Signal.Length > 0 ? ProcessFields.Signal("signal", request.Signal) : null;
        (ContainerRecord record, bool forced) = await engine.StopAsync(request.Container, signal, Timeout(request.Timeout), context.CancellationToken).ConfigureAwait(false);
        return new StopContainerResponse { Container = record.ToMessage(), Forced = forced };
    }

    public override async Task<KillContainerResponse> KillContainer(KillContainerRequest request, ServerCallContext context)
    {
        await engine.KillAsync(request.Container, request.Signal.Length > 0 ? ProcessFields.Signal("signal", request.Signal) : Linux.Signals.Kill, context.CancellationToken).ConfigureAwait(false);
        return new KillContainerResponse();
    }

    public override async Task<StartContainerResponse> RestartContainer(RestartContainerRequest request, ServerCallContext context)
    {
        long began = Stopwatch.GetTimestamp();
        ContainerRecord record = await engine.RestartAsync(request.Container, Timeout(request.Timeout), context.CancellationToken).ConfigureAwait(false);
        return new StartContainerResponse { Container = record.ToMessage(), Duration = Stopwatch.GetElapsedTime(began).ToDuration() };
    }

    public override async Task<Container> PauseContainer(ContainerRequest request, ServerCallContext context) =>
        (await engine.PauseAsync(request.Container, context.CancellationToken).ConfigureAwait(false)).ToMessage();

    public override async Task<Container> UnpauseContainer(ContainerRequest request, ServerCallContext context) =>
        (await engine.UnpauseAsync(request.Container, context.CancellationToken).ConfigureAwait(false)).ToMessage();

    public override async Task<RemoveContainerResponse> RemoveContainer(RemoveContainerRequest request, ServerCallContext context) =>
        new() { Id = (await engine.RemoveAsync(request.Container, request.Force, context.CancellationToken).ConfigureAwait(false)).Value };

    public override async Task<Container> GetContainer(ContainerRequest request, ServerCallContext context) =>
        (await engine.GetCurrentAsync(request.Container, context.CancellationToken).ConfigureAwait(false)).ToMessage();

    public override async Task<ListContainersResponse> ListContainers(ListContainersRequest request, ServerCallContext context)
    {
        int limit = request.Limit switch
        {
            0 => UsualPage,
            > 0 and <= LargestPage => request.Limit,
            _ => throw QuiltException.Invalid("limit", $"limit {request.Limit} is no size of a page", $"give 1 to {LargestPage}"),
        };
        IReadOnlyList<ContainerRecord> found = await engine.ListAsync(ContainerFilter.Read(request), context.CancellationToken).ConfigureAwait(false);

        // By the id of the last one told: what was removed meanwhile does not shift the rest.
        IEnumerable<ContainerRecord> rest = request.Cursor.Length == 0 ? found : found.SkipWhile(r => r.Id.Value != request.Cursor).Skip(1);
        List<ContainerRecord> page = [.. rest.Take(limit + 1)];
        ListContainersResponse response = new() { Containers = { page.Take(limit).Select(ContainerMessages.ToMessage) } };
        if (page.Count > limit)
        {
            response.NextCursor = page[limit - 1].Id.Value;
        }

        return response;
    }

    public override async Task<WaitContainerResponse> WaitContainer(WaitContainerRequest request, ServerCallContext context)
    {
        using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        if (Timeout(request.Timeout) is { } timeout)
        {
            patient.CancelAfter(timeout);
        }

        try
        {
            return await WaitAsync(request, patient.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new QuiltException(ErrorCode.DeadlineExceeded, $"'{request.Container}' has not come to be {(request.Until.Length > 0 ? request.Until : "exited")} in time", "wait longer, or look at its state and log");
        }
    }

    private async Task<WaitContainerResponse> WaitAsync(WaitContainerRequest request, CancellationToken cancellation)
    {
        switch (request.Until)
        {
            case "" or "exited":
                return new WaitContainerResponse { Container = (await engine.WaitExitedAsync(request.Container, cancellation).ConfigureAwait(false)).ToMessage() };
            case "running":
                return new WaitContainerResponse { Container = (await engine.WaitRunningAsync(request.Container, cancellation).ConfigureAwait(false)).ToMessage() };
            case "log" when request.Pattern.Length > 0:
                LogEntry line = await engine.WaitLogAsync(request.Container, LogQueryReader.Pattern(request.Pattern), cancellation).ConfigureAwait(false);
                return new WaitContainerResponse { Container = engine.Get(request.Container).ToMessage(), Line = line.ToMessage() };
            case "log":
                throw QuiltException.Invalid("pattern", "no pattern is given to wait for", "give a regular expression");
            default:
                throw QuiltException.Invalid("until", $"'{request.Until}' cannot be waited for", "use exited, running or log");
        }
    }

    private static TimeSpan? Timeout(Duration? timeout) =>
        timeout is null ? null : ContainerSpecReader.NotNegative("timeout", timeout.ToTimeSpan());
}
