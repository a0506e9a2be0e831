using System.Text.Json.Nodes;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

internal sealed partial class HttpFace
{
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(1), ShortestInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>What each of the caller's containers uses: one call for all of them, for as long as somebody looks.</summary>
    private async Task UsageAsync(HttpContext context, Caller caller, ServerSentEvents events, CancellationToken cancellation)
    {
        TimeSpan interval = context.Request.Query["interval"].FirstOrDefault() is { Length: > 0 } text ? DurationText.Parse(text, "interval") : UsualInterval;
        if (interval < ShortestInterval)
        {
            throw QuiltException.Invalid("interval", $"an interval of {interval.TotalMilliseconds:0} ms is too short", $"give at least {ShortestInterval.TotalMilliseconds:0} ms");
        }

        bool follow = Flag(context, "follow");
        CpuMeter meter = new();
        Read();
        do
        {
            await Task.Delay(follow ? TimerSpan.Of(interval) : ShortestInterval, cancellation).ConfigureAwait(false);
            JsonObject answer = new() { ["time"] = TimeProvider.System.GetUtcNow(), ["containers"] = new JsonArray([.. Read().Select(View)]) };
            await events.SendAsync("usage", answer.ToJsonString()).ConfigureAwait(false);
        }
        while (follow);

        IReadOnlyList<ContainerStats> Read() => meter.Read([.. engine.Usage([]).Where(u => caller.MayUse(u.Container))]);
    }

    private static JsonObject View(ContainerStats stats) => new()
    {
        ["container"] = stats.Container,
        ["name"] = stats.Name,
        ["cpuPercent"] = Math.Round(stats.CpuPercent, 2),
        ["memory"] = stats.MemoryBytes,
        ["memoryLimit"] = stats.MemoryLimitBytes,
        ["pids"] = stats.Pids,
        ["pidsLimit"] = stats.PidsLimit,
        ["ioRead"] = stats.IoReadBytes,
        ["ioWrite"] = stats.IoWriteBytes,
        ["networkReceived"] = stats.NetworkReceivedBytes,
        ["networkSent"] = stats.NetworkSentBytes,
    };
}
