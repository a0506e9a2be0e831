using Quilt.Bench.Peers;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>Whole processes: the launchers alone, and each engine's <c>run --rm</c>.</summary>
internal sealed class LaunchScenario : IScenario
{
    public string Name => "launcher";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel) =>
    [
        new Measurement(Name, "launcher alone runs true", "ms", await WholeRuns.RaceAsync(bench, p => p.Launch, cancel))
        {
            Budget = new Budget.Times(1.2, "bubblewrap"),
            Note = "whole process; all namespaces, pivot, /proc, /dev; the OCI runtimes also make a cgroup, bubblewrap none",
        },
    ];
}

/// <summary>What a person waits for: <c>quilt run --rm -- true</c> against docker's and podman's.</summary>
internal sealed class RunScenario : IScenario
{
    public string Name => "run";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel) =>
    [
        new Measurement(Name, "run --rm IMAGE true, whole process", "ms", await WholeRuns.RaceAsync(bench, p => p.Run, cancel)) { Budget = new Budget.AtMost(25) },
    ];
}

internal static class WholeRuns
{
    public static Task<IReadOnlyList<Samples>> RaceAsync(Bench bench, Func<IPeer, WholeRun?> choose, CancellationToken cancel) =>
        Interleaving.RunAsync(
            [.. bench.Peers.Select(choose).OfType<WholeRun>().Select(w => new Contender(w.Side, _ => Task.FromResult(w.Measure())))],
            bench.Rounds, cancel);
}
