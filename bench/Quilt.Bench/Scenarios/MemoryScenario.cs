using Quilt.Bench.Engines;
using Quilt.Bench.Peers;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>What an engine weighs with no container, before anything was asked of it.</summary>
internal sealed class RestScenario : IScenario
{
    private const double Mebi = 1024 * 1024;

    public string Name => "rest";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        List<Samples> sides = [];
        List<string> notes = [];
        foreach (IPeer peer in bench.Peers.Where(p => p.Owns is not null))
        {
            Weight weight = await Weight.SettledAsync(peer, cancel);
            Samples samples = new(peer.Engines[0].Side);
            samples.Add(weight.Bytes / Mebi);
            sides.Add(samples);
            notes.Add($"{samples.Side}: {string.Join(", ", weight.BytesByName.Select(g => $"{g.Key} {g.Value / Mebi:0.0}"))}");
        }

        return [new Measurement(Name, "engine at rest, PSS of all its processes", "MB", sides) { Budget = new Budget.AtMost(100), Note = string.Join("; ", notes) }];
    }
}

/// <summary>What one idle container costs: everything that grew, over the number of containers.</summary>
internal sealed class MemoryScenario : IScenario
{
    private const double Mebi = 1024 * 1024;

    public string Name => "memory";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        List<Samples> sides = [];
        List<string> notes = [];
        foreach (IPeer peer in bench.Peers.Where(p => p.Owns is not null))
        {
            Samples samples = new(peer.Engines[0].Side);
            sides.Add(samples);
            notes.Add($"{samples.Side}: {await WeighAsync(bench, peer, samples, cancel)}");
        }

        return [new Measurement(Name, "memory of an idle container, PSS", "MB", sides) { Budget = new Budget.AtMost(3), Note = string.Join("; ", notes) }];
    }

    private static async Task<string> WeighAsync(Bench bench, IPeer peer, Samples samples, CancellationToken cancel)
    {
        IContainerEngine engine = peer.Engines[0];
        List<string> names = [];
        try
        {
            Weight before = await Weight.SettledAsync(peer, cancel);
            for (int i = 0; i < bench.IdleContainers; i++)
            {
                names.Add(bench.NextName());
                await engine.StartAsync(names[^1], cancel);
            }

            Weight after = await Weight.SettledAsync(peer, cancel);
            samples.Add((after.Bytes - before.Bytes) / Mebi / bench.IdleContainers);
            return after.DescribeGrowth(before, bench.IdleContainers);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            samples.Fail(e.Message);
            return "not measured";
        }
        finally
        {
            foreach (string name in names)
            {
                await engine.RemoveAsync(name, CancellationToken.None);
            }
        }
    }
}
