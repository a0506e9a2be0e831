using Quilt.Bench.Engines;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary><c>true</c> in a container that runs already; beside the engines nsenter, which joins and confines nothing.</summary>
internal sealed class ExecScenario : IScenario
{
    public string Name => "exec";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        string name = bench.NextName();
        List<IContainerEngine> started = [];
        List<Contender> contenders = [];
        try
        {
            foreach (IContainerEngine engine in bench.Peers.SelectMany(p => p.Engines))
            {
                string own = $"{name}-{started.Count}";
                started.Add(engine);
                await engine.StartAsync(own, cancel);
                contenders.Add(new Contender(engine.Side, token => Interleaving.TimeAsync(() => engine.ExecTrueAsync(own, token))));
            }

            if (bench.Quilt is { } quilt && Programs.Find("nsenter") is { } nsenter)
            {
                contenders.Add(await NsenterAsync(quilt, nsenter, name + "-0", cancel));
            }

            return
            [
                new Measurement(Name, "exec of true", "ms", await Interleaving.RunAsync(contenders, bench.Rounds, cancel)) { Budget = new Budget.Paced(2.5, "nsenter", 2.0) },
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

    /// <summary>Joins a container of ours.</summary>
    private static async Task<Contender> NsenterAsync(QuiltPeer quilt, string program, string container, CancellationToken cancel)
    {
        QuiltEngine engine = (QuiltEngine)quilt.Engines[0];
        Api.V1.Container status = await engine.Client.GetContainerAsync(new Api.V1.ContainerRequest { Container = container }, cancellationToken: cancel);
        Command command = new(program, Path.Combine(Path.GetDirectoryName(quilt.Folder)!, "nsenter.err"));
        return new Contender("nsenter", _ => Task.FromResult(command.Run(["--target", $"{status.Pid}", "--all", "--", .. Workload.True])));
    }
}
