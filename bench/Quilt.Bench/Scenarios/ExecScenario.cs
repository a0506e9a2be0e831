using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary><c>true</c> in a container that runs already.</summary>
internal sealed class ExecScenario : IScenario
{
    public string Name => "exec";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        await using ExecContenders contenders = await ExecContenders.StartAsync(bench, cancel);
        return
        [
            new Measurement(Name, "exec of true", "ms", await Interleaving.RunAsync(contenders.All, bench.Rounds, cancel)) { Budget = new Budget.Paced(2.5, "nsenter", 2.0) },
        ];
    }
}
