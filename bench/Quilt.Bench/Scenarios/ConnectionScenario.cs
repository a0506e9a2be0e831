using Quilt.Bench.Engines;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>What an edge costs: to draw and to sever, with few others there and with many; and a container that is made, connected and started.</summary>
internal sealed class ConnectionScenario : IScenario
{
    private const int Few = 10, Many = 10_000, FirstPort = 1000, OwnPort = 60_000;

    public string Name => "connect";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Quilt?.Engines[0] is not QuiltEngine engine)
        {
            return [];
        }

        (string client, string server) = (bench.NextName(), bench.NextName());
        foreach (string name in (string[])[client, server])
        {
            await engine.CallToolAsync("createContainer", new { name, autoStart = true, memory = "64MiB" }, cancel);
        }

        try
        {
            List<Samples> establish = [], sever = [];
            int there = 0;
            foreach (int count in (int[])[Few, Many])
            {
                for (; there < count; there++)
                {
                    await engine.CallToolAsync("establishConnection", new { from = client, to = server, port = FirstPort + there }, cancel);
                }

                string side = count == Few ? QuiltEngine.SideName : $"with {count} edges";
                (Samples drawn, Samples severed) = (new Samples(side), new Samples(side));
                for (int round = 0; round < bench.Rounds.Counted; round++)
                {
                    drawn.Add(await Interleaving.TimeAsync(() => engine.CallToolAsync("establishConnection", new { from = client, to = server, port = OwnPort }, cancel)));
                    severed.Add(await Interleaving.TimeAsync(() => engine.CallToolAsync("severConnection", new { from = client, to = server, port = OwnPort }, cancel)));
                }

                establish.Add(drawn);
                sever.Add(severed);
            }

            Samples connected = new(QuiltEngine.SideName);
            for (int round = 0; round < bench.Rounds.Counted; round++)
            {
                string name = bench.NextName();
                connected.Add(await Interleaving.TimeAsync(async () =>
                {
                    await engine.CallToolAsync("createContainer", new { name, memory = "64MiB" }, cancel);
                    await engine.CallToolAsync("establishConnection", new { from = name, to = server, port = FirstPort }, cancel);
                    await engine.CallToolAsync("startContainer", new { container = name }, cancel);
                }));
                await engine.CallToolAsync("removeContainer", new { container = name, force = true }, cancel);
            }

            return
            [
                new Measurement(Name, "draw an edge", "ms", establish) { Budget = new Budget.AtMost(3), Note = $"beside {Few} and {Many} others" },
                new Measurement(Name, "sever it", "ms", sever) { Budget = new Budget.AtMost(3) },
                new Measurement(Name, "create, connect, start", "ms", [connected]) { Budget = new Budget.AtMost(8), Note = "three calls" },
            ];
        }
        finally
        {
            foreach (string name in (string[])[client, server])
            {
                await engine.CallToolAsync("removeContainer", new { container = name, force = true }, CancellationToken.None);
            }
        }
    }
}
