using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Keeps top's state as the daemon tells it.</summary>
internal sealed class TopFeed(Invocation call, TopState state, TimeSpan interval, Action changed)
{
    /// <summary>Ends when it is cancelled, or by what the daemon refuses.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource all = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] feeds = [StatsAsync(all.Token), EventsAsync(all.Token), ListsAsync(all.Token)];
        Task first = await Task.WhenAny(feeds);
        await all.CancelAsync();
        foreach (Task feed in feeds)
        {
            await feed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await first;
    }

    private async Task StatsAsync(CancellationToken cancellation)
    {
        await foreach (GetStatsResponse reading in call.Daemon.GetStats(new GetStatsRequest { Follow = true, Interval = interval.ToDuration() }).WithCancellation(cancellation))
        {
            state.Set(reading);
            changed();
        }
    }

    private async Task EventsAsync(CancellationToken cancellation)
    {
        await foreach (Event happened in call.Daemon.GetEvents(new GetEventsRequest { Follow = true }).WithCancellation(cancellation))
        {
            state.Add(happened);
            changed();
        }
    }

    private async Task ListsAsync(CancellationToken cancellation)
    {
        while (true)
        {
            state.Set(await PsCommand.ListAsync(call.Daemon, new ListContainersRequest { All = true }));
            state.Set(Edges(await ToolCall.RunAsync(call.Daemon, "getNetworkTopology", Patience)));
            changed();
            await Task.Delay(TimerSpan.Of(interval), cancellation);
        }
    }

    private static TimeSpan Patience => TimeSpan.FromSeconds(10);

    private static IReadOnlyList<TopEdge> Edges(ToolAnswer topology) =>
    [
        .. topology["edges"].Items.Select(e =>
        {
            ToolAnswer c = e["connection"];
            return new TopEdge(c["from"].Text, c["to"].Text, $"{c["fromName"].Text} ▶ {c["toName"].Text}:{c["port"].Text}/{c["protocol"].Text}  {Carried(e)}");
        }),
    ];

    private static string Carried(ToolAnswer edge) => ulong.TryParse(edge["bytes"].Text, out ulong bytes) && bytes > 0 ? StatsCommand.Size(bytes) : "nothing yet";
}
