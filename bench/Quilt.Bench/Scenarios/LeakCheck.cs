using Quilt.Bench.Engines;
using Quilt.Bench.Peers;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>Counts what is ours before and after the whole run: it brackets the other scenarios.</summary>
internal sealed class LeakCheck
{
    private const int WarmUps = 5;

    private readonly QuiltPeer _quilt;
    private readonly Census _before;

    private LeakCheck(QuiltPeer quilt, Census before) => (_quilt, _before) = (quilt, before);

    /// <summary>The first lifecycles make what stays for good: pools, caches, connections, parent groups.</summary>
    public static async Task<LeakCheck> BeginAsync(Bench bench, QuiltPeer quilt, CancellationToken cancel)
    {
        IContainerEngine engine = quilt.Engines[0];
        for (int i = 0; i < WarmUps; i++)
        {
            string name = bench.NextName();
            await engine.StartAsync(name, cancel);
            await engine.ExecTrueAsync(name, cancel);
            await engine.RemoveAsync(name, cancel);
        }

        await Weight.SettledAsync(quilt, cancel);
        return new LeakCheck(quilt, Census.Of(quilt));
    }

    public async Task<Measurement> EndAsync(CancellationToken cancel)
    {
        Census after = await Census.SettledAsync(_quilt, _before, cancel);
        Samples left = new(QuiltEngine.SideName);
        left.Add(after.LeftSince(_before));
        return new Measurement("leaks", "objects left after the run", "", [left])
        {
            Budget = new Budget.AtMost(0),
            Note = $"before {_before}; after {after}",
        };
    }
}
