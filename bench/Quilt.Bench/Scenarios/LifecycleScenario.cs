using Quilt.Bench.Engines;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>Create and start, then kill and remove, each timed by itself in the same round; beside the engines bubblewrap, whose whole run sets the pace.</summary>
internal sealed class LifecycleScenario : IScenario
{
    public string Name => "lifecycle";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        List<Samples> removals = [];
        List<Contender> contenders = [];
        foreach (IContainerEngine engine in bench.Peers.SelectMany(p => p.Engines))
        {
            Samples removal = new(engine.Side);
            removals.Add(removal);
            int warmUps = bench.Rounds.WarmUps;
            contenders.Add(new Contender(engine.Side, async token =>
            {
                string name = bench.NextName();
                double start = await Interleaving.TimeAsync(() => engine.StartAsync(name, token));
                double remove = await Interleaving.TimeAsync(() => engine.RemoveAsync(name, token));
                if (warmUps-- <= 0)
                {
                    removal.Add(remove);
                }

                return start;
            }));
        }

        if (bench.Peers.FirstOrDefault(p => p.Name == "bubblewrap")?.Launch is { } launch)
        {
            contenders.Add(new Contender(launch.Side, _ => Task.FromResult(launch.Measure())));
        }

        IReadOnlyList<Samples> starts = await Interleaving.RunAsync(contenders, bench.Rounds, cancel);
        return
        [
            new Measurement("create-start", "create + start, no network", "ms", starts)
            {
                Budget = new Budget.Paced(5, "bubblewrap", 4.5),
                Note = "bubblewrap: its whole run of true in all namespaces, with no daemon, image, cgroup or record",
            },
            new Measurement("kill-remove", "kill + remove", "ms", removals) { Budget = new Budget.AtMost(6) },
        ];
    }
}
