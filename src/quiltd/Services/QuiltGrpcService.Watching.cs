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
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(1), ShortestInterval = TimeSpan.FromMilliseconds(50);

    public override Task GetLogs(GetLogsRequest request, IServerStreamWriter<LogLine> responseStream, ServerCallContext context) => StreamAsync(
        context, "getContainerLogs", () => Told.Of(("container", request.Container), ("follow", request.Follow)), async (caller, cancellation) =>
        {
            LogQuery query = LogQueryReader.Read(RequestArguments.Of(request));
            await foreach (LogEntry entry in engine.LogsAsync(caller.Container(request.Container, Access.Use).Id, query, cancellation).ConfigureAwait(false))
            {
                await responseStream.WriteWholeAsync(entry.ToMessage(), cancellation).ConfigureAwait(false);
            }
        });

    public override Task GetEvents(GetEventsRequest request, IServerStreamWriter<Event> responseStream, ServerCallContext context) => StreamAsync(
        context, "getEvents", () => Told.Of(("cursor", request.SinceCursor), ("container", request.Container), ("follow", request.Follow)), async (caller, cancellation) =>
        {
            string? container = request.Container.Length > 0 ? GetEventsTool.ContainerOf(request.Container, caller) : null;
            HashSet<string> types = new(request.Types_, StringComparer.Ordinal);
            GetEventsTool.Check(types);
            DateTimeOffset? since = WireTime.Moment("since", request.Since), until = WireTime.Moment("until", request.Until);
            await foreach (EngineEvent happened in engine.EventsAsync(request.SinceCursor, container, request.Follow, since, until, cancellation).ConfigureAwait(false))
            {
                if (caller.MayKnow(happened) && (types.Count == 0 || types.Contains(happened.Type)))
                {
                    await responseStream.WriteWholeAsync(happened.ToMessage(), cancellation).ConfigureAwait(false);
                }
            }
        });

    public override Task GetStats(GetStatsRequest request, IServerStreamWriter<GetStatsResponse> responseStream, ServerCallContext context) => StreamAsync(
        context, "getResourceUsage", () => Told.Of(("containers", request.Containers), ("follow", request.Follow)), async (caller, cancellation) =>
        {
            TimeSpan interval = WireTime.Span("interval", request.Interval) ?? UsualInterval;
            if (interval < ShortestInterval)
            {
                throw QuiltException.Invalid("interval", $"an interval of {interval.TotalMilliseconds:0} ms is too short", $"give at least {ShortestInterval.TotalMilliseconds:0} ms");
            }

            // One that ends later is left out from then on, and may come again.
            engine.RequireRunning(request.Containers.Select(c => caller.Container(c, Access.Use).Id));
            CpuMeter meter = new();
            meter.Read(Usage());

            // A share of CPU is of a time: one answer takes a short one, a stream its interval.
            TimeSpan wait = request.Follow ? TimerSpan.Of(interval) : ShortestInterval;
            do
            {
                await Task.Delay(wait, cancellation).ConfigureAwait(false);
                GetStatsResponse response = new() { Time = TimeProvider.System.GetUtcNow().ToTimestamp(), Stats = { meter.Read(Usage()) } };
                await responseStream.WriteWholeAsync(response, cancellation).ConfigureAwait(false);
            }
            while (request.Follow);

            IReadOnlyList<ContainerUsage> Usage() => request.Containers.Count > 0
                ? engine.Usage([.. request.Containers.Select(c => caller.Container(c, Access.Use).Id)])
                : [.. engine.Usage([]).Where(u => caller.MayUse(u.Container))];
        });
}
