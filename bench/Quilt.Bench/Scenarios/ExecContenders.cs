using Quilt.Bench.Engines;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>A running container of each engine, and <c>true</c> in it; beside the engines nsenter, which joins ours and confines nothing.</summary>
internal sealed class ExecContenders : IAsyncDisposable
{
    private readonly List<(IContainerEngine Engine, string Container)> _started = [];
    private readonly List<Contender> _all = [];

    private ExecContenders()
    {
    }

    public IReadOnlyList<Contender> All => _all;

    public static async Task<ExecContenders> StartAsync(Bench bench, CancellationToken cancel)
    {
        ExecContenders contenders = new();
        try
        {
            await contenders.FillAsync(bench, cancel);
            return contenders;
        }
        catch
        {
            await contenders.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((IContainerEngine engine, string container) in _started)
        {
            await engine.RemoveAsync(container, CancellationToken.None);
        }
    }

    private async Task FillAsync(Bench bench, CancellationToken cancel)
    {
        string name = bench.NextName();
        foreach (IContainerEngine engine in bench.Peers.SelectMany(p => p.Engines))
        {
            string own = $"{name}-{_started.Count}";
            _started.Add((engine, own));
            await engine.StartAsync(own, cancel);
            _all.Add(new Contender(engine.Side, token => Interleaving.TimeAsync(() => engine.ExecTrueAsync(own, token))));
        }

        if (bench.Quilt is { } quilt && Programs.Find("nsenter") is { } nsenter)
        {
            _all.Add(await NsenterAsync(quilt, nsenter, _started.First(s => s.Engine == quilt.Engines[0]).Container, cancel));
        }
    }

    private static async Task<Contender> NsenterAsync(QuiltPeer quilt, string program, string container, CancellationToken cancel)
    {
        QuiltEngine engine = (QuiltEngine)quilt.Engines[0];
        Api.V1.Container status = await engine.Client.GetContainerAsync(new Api.V1.ContainerRequest { Container = container }, cancellationToken: cancel);
        Command command = new(program, Path.Combine(Path.GetDirectoryName(quilt.Folder)!, "nsenter.err"));
        return new Contender("nsenter", _ => Task.FromResult(command.Run(["--target", $"{status.Pid}", "--all", "--", .. Workload.True])));
    }
}
