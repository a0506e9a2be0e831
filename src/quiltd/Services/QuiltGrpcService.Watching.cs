using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(1), ShortestInterval = TimeSpan.FromMilliseconds(50);

    public override async Task GetLogs(GetLogsRequest request, IServerStreamWriter<LogLine> responseStream, ServerCallContext context)
    {
        await foreach (LogEntry entry in engine.LogsAsync(request.Container, LogQueryReader.Read(request), context.CancellationToken).ConfigureAwait(false))
        {
            await responseStream.WriteAsync(entry.ToMessage(), context.CancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task GetEvents(GetEventsRequest request, IServerStreamWriter<Event> responseStream, ServerCallContext context)
    {
        string? container = request.Container.Length > 0 ? ContainerOf(request.Container) : null;
        HashSet<string> types = new(request.Types_, StringComparer.Ordinal);
        if (types.FirstOrDefault(t => !EventTypes.All.Contains(t)) is { } unknown)
        {
            throw QuiltException.Invalid("types", $"event type '{unknown}' is unknown", $"use {string.Join(", ", EventTypes.All)}");
        }

        await foreach (EngineEvent happened in engine.EventsAsync(request.SinceCursor, container, request.Follow, context.CancellationToken).ConfigureAwait(false))
        {
            if (types.Count == 0 || types.Contains(happened.Type))
            {
                await responseStream.WriteAsync(happened.ToMessage(), context.CancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Also one that is gone: its events are still there, under its id.</summary>
    private string ContainerOf(string key) => ContainerId.TryParse(key, out ContainerId id) ? id.Value : engine.Get(key).Id.Value;

    public override async Task GetStats(GetStatsRequest request, IServerStreamWriter<GetStatsResponse> responseStream, ServerCallContext context)
    {
        TimeSpan interval = request.Interval?.ToTimeSpan() ?? UsualInterval;
        if (interval < ShortestInterval)
        {
            throw QuiltException.Invalid("interval", $"an interval of {interval.TotalMilliseconds:0} ms is too short", $"give at least {ShortestInterval.TotalMilliseconds:0} ms");
        }

        CpuMeter meter = new();
        meter.Read(engine.Usage(request.Containers));

        // A share of CPU is of a time: one answer takes a short one, a stream its interval.
        TimeSpan wait = request.Follow ? interval : ShortestInterval;
        do
        {
            await Task.Delay(wait, context.CancellationToken).ConfigureAwait(false);
            GetStatsResponse response = new() { Time = TimeProvider.System.GetUtcNow().ToTimestamp(), Stats = { meter.Read(engine.Usage(request.Containers)) } };
            await responseStream.WriteAsync(response, context.CancellationToken).ConfigureAwait(false);
        }
        while (request.Follow);
    }
}
