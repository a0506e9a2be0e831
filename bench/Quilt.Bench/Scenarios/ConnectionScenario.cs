using Quilt.Bench.Engines;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>A container that is made, connected and started, against one of docker's on its bridge; and what an edge costs to draw and to sever, with few others there and with many.</summary>
internal sealed class ConnectionScenario : IScenario
{
    private const int Port = 5432;
    private const string Bare = "busybox", Network = "bench", OneCall = "quilt, into a network", Unconnected = "quilt, not connected", Pace = "bubblewrap";

    public string Name => "connect";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel) =>
        bench.Quilt is { } quilt ? [await StartAsync(bench, (QuiltEngine)quilt.Engines[0], cancel), .. await DrawAsync(bench, (QuiltEngine)quilt.Engines[0], quilt.Folder, cancel)] : [];

    private static async Task<Measurement> StartAsync(Bench bench, QuiltEngine ours, CancellationToken cancel)
    {
        List<(IConnectingEngine Engine, string Target)> targets = [];
        await ours.CallToolAsync("createNetwork", new { name = Network, strategy = "service" }, cancel);
        try
        {
            foreach (IConnectingEngine engine in bench.Peers.SelectMany(p => p.Engines).OfType<IConnectingEngine>())
            {
                targets.Add((engine, bench.NextName()));
                await engine.StartConnectedAsync(targets[^1].Target, null, Port, cancel);
            }

            IReadOnlyList<Samples> sides = await Interleaving.RunAsync(
                [
                    .. targets.Select(t => Timed(bench, t.Engine.Side, (name, token) => t.Engine.StartConnectedAsync(name, t.Target, Port, token), t.Engine)),
                    Timed(bench, OneCall, (name, token) => ours.StartInNetworkAsync(name, Network, token), ours),
                    Timed(bench, Unconnected, ours.StartAsync, ours),
                    .. bench.Peers.FirstOrDefault(p => p.Name == Pace)?.Launch is { } launch ? (Contender[])[new Contender(launch.Side, _ => Task.FromResult(launch.Measure()))] : [],
                ],
                bench.Rounds, cancel);
            return new Measurement("create-connect-start", "create + connect + start, one edge", "ms", sides)
            {
                Budget = new Budget.Paced(8, Pace, 4.5),
                Note = "three calls; into a network that others are in, one; docker: two, the container on its default bridge",
            };
        }
        finally
        {
            await ours.CallToolAsync("removeNetwork", new { network = Network, force = true }, CancellationToken.None);
            foreach ((IConnectingEngine engine, string target) in targets)
            {
                await engine.RemoveAsync(target, CancellationToken.None);
            }
        }
    }

    private static Contender Timed(Bench bench, string side, Func<string, CancellationToken, Task> start, IContainerEngine engine) => new(side, async token =>
    {
        string name = bench.NextName();
        double taken = await Interleaving.TimeAsync(() => start(name, token));
        await engine.RemoveAsync(name, token);
        return taken;
    });

    private static async Task<IReadOnlyList<Measurement>> DrawAsync(Bench bench, QuiltEngine engine, string folder, CancellationToken cancel)
    {
        Command pace = new("/bin/busybox", Path.Combine(Path.GetDirectoryName(folder)!, "pace.err"));
        (string client, string server) = (bench.NextName(), bench.NextName());
        int port = Port;
        await using Crowd crowd = await Crowd.StartAsync(bench, engine, cancel);
        try
        {
            await engine.StartAsync(server, cancel);
            await engine.StartAsync(client, cancel);

            // Both have their links: of those it is not asked here.
            await engine.ConnectAsync(client, server, port, cancel);
            List<Measurement> measurements = [];
            foreach (int edges in bench.Edges)
            {
                await crowd.GrowAsync(edges, cancel);
                measurements.AddRange(await DrawBesideAsync(edges));
            }

            return [.. measurements, Flatness(bench, "establish", "draw", measurements), Flatness(bench, "sever", "sever", measurements)];
        }
        finally
        {
            await engine.RemoveAsync(client, CancellationToken.None);
            await engine.RemoveAsync(server, CancellationToken.None);
        }

        async Task<IReadOnlyList<Measurement>> DrawBesideAsync(int edges)
        {
            int warmUps = bench.Rounds.WarmUps;
            Samples severed = new(engine.Side);
            IReadOnlyList<Samples> drawn = await Interleaving.RunAsync(
                [
                    new Contender(engine.Side, async token =>
                    {
                        // Another one each time: who draws the same again waits until the kernel has forgotten what flowed over the one before.
                        port++;
                        double draw = await Interleaving.TimeAsync(() => engine.ConnectAsync(client, server, port, token));
                        double sever = await Interleaving.TimeAsync(() => engine.DisconnectAsync(client, server, port, token));
                        if (warmUps-- <= 0)
                        {
                            severed.Add(sever);
                        }

                        return draw;
                    }),
                    new Contender(Bare, _ => Task.FromResult(pace.Run("true"))),
                ],
                bench.Rounds with { Counted = bench.Rounds.Counted * 2 }, cancel);
            Samples bare = drawn.Single(s => s.Side == Bare);
            return
            [
                new Measurement($"establish-{edges}", $"draw an edge beside {edges:#,##0} others", "ms", drawn) { Budget = new Budget.AtMost(3) },
                new Measurement($"sever-{edges}", $"sever an edge beside {edges:#,##0} others", "ms", [severed, bare]) { Budget = new Budget.AtMost(3) },
            ];
        }
    }

    /// <summary>Beside the time of a bare process at either moment: the machine's own pace changes meanwhile.</summary>
    private static Measurement Flatness(Bench bench, string name, string title, List<Measurement> measurements)
    {
        (int few, int many) = (bench.Edges[0], bench.Edges[^1]);
        Measurement first = measurements.Single(m => m.Name == $"{name}-{few}"), last = measurements.Single(m => m.Name == $"{name}-{many}");
        Samples ratio = new(QuiltEngine.SideName);
        if (first is { Ours: { } before } && last is { Ours: { } after } && first.Side(Bare) is { } paceBefore && last.Side(Bare) is { } paceAfter)
        {
            ratio.Add(after.P50 / before.P50 * (paceBefore.P50 / paceAfter.P50));
        }

        return new Measurement($"{name}-flat", $"time to {title} an edge beside {many:#,##0} to that beside {few:#,##0}", "", [ratio])
        {
            Budget = new Budget.AtMost(1.25),
            Note = $"a process that does nothing took {first.Side(Bare)?.P50:0.00} and {last.Side(Bare)?.P50:0.00} ms meanwhile, which is allowed for",
        };
    }
}
