using System.Diagnostics;
using Quilt.Bench.Engines;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>How many containers a second are created, started and removed, one after the other and eight at a time.</summary>
internal sealed class RateScenario : IScenario
{
    private const int MostRounds = 5, Parallel = 8;

    public string Name => "rate";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel) =>
    [
        new Measurement("rate-1", "containers a second, one at a time", "/s", await RaceAsync(bench, 1, cancel)) { Note = "create, start, remove; p95 is of the rounds" },
        new Measurement("rate-8", "containers a second, eight at a time", "/s", await RaceAsync(bench, Parallel, cancel)),
    ];

    private static Task<IReadOnlyList<Samples>> RaceAsync(Bench bench, int lanes, CancellationToken cancel) =>
        Interleaving.RunAsync(
            [.. bench.Peers.SelectMany(p => p.Engines).Where(e => e.IsApi).Select(e => new Contender(e.Side, token => RateAsync(bench, e, lanes, token)))],
            new Rounds(1, Math.Min(MostRounds, bench.Rounds.Counted)), cancel);

    /// <summary>Begins no lifecycle after the time is up; the last ones count with the time they took.</summary>
    private static async Task<double> RateAsync(Bench bench, IContainerEngine engine, int lanes, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        int done = 0;
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => Task.Run(LaneAsync, cancel)));
        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;

        async Task LaneAsync()
        {
            while (Stopwatch.GetElapsedTime(start) < bench.RateTime)
            {
                string name = bench.NextName();
                await engine.StartAsync(name, cancel);
                await engine.RemoveAsync(name, cancel);
                Interlocked.Increment(ref done);
            }
        }
    }
}
