using Quilt.Bench.Engines;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>How fast a command's output comes out of <c>exec … | wc -c</c>: all of its bytes over the time of the whole pipeline. Beside the engines the same without a container.</summary>
internal sealed class OutputScenario : IScenario
{
    private const int MostRounds = 7;
    private const double Mega = 1e6, Milli = 1e-3, Wanted = 500;
    private const string Pipe = "a pipe alone";

    public string Name => "output";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        int megabytes = bench.LayerBytes < 10_000_000 ? 200 : 2000;
        string name = bench.NextName();
        Command shell = bench.Workspace.Command("/bin/sh");
        List<IContainerEngine> started = [];
        List<Contender> contenders = [Side(Pipe, "", shell, megabytes)];
        try
        {
            foreach (IPeer peer in bench.Peers.Where(p => p is { Images: not null, Engines.Count: > 0 }))
            {
                string own = $"{name}-{started.Count}";
                started.Add(peer.Engines[0]);
                await peer.Engines[0].StartAsync(own, cancel);
                contenders.Add(Side(peer.Images!.Side, string.Join(' ', [peer.Images.Command.Program, .. peer.Images.Global, "exec", own]), shell, megabytes));
            }

            Rounds rounds = new(1, Math.Min(MostRounds, bench.Rounds.Counted));
            return
            [
                new Measurement(Name, $"output of {megabytes} MB through exec | wc -c", "MB/s", await Interleaving.RunAsync(contenders, rounds, cancel))
                {
                    Budget = new Budget.AtLeast(Wanted), Note = $"whole pipeline; more is better; {rounds.Counted} rounds",
                },
            ];
        }
        finally
        {
            for (int i = 0; i < started.Count; i++)
            {
                await started[i].RemoveAsync($"{name}-{i}", CancellationToken.None);
            }
        }
    }

    /// <param name="prefix">Before the command; empty: it runs on the machine itself.</param>
    private static Contender Side(string side, string prefix, Command shell, int megabytes)
    {
        // The count is checked: a side that loses output is none that is fast.
        string line = $"test \"$({prefix} /bin/busybox dd if=/dev/zero bs=1000000 count={megabytes} 2>/dev/null | wc -c)\" -eq {megabytes}000000";
        return new Contender(side, _ => Task.FromResult(megabytes * 1_000_000 / Mega / (shell.Run(["-c", line]) * Milli)));
    }
}
