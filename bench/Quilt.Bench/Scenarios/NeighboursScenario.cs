using Quilt.Api.V1;
using Quilt.Bench.Engines;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>
/// An exec in a container while others on the host behave as badly as their limits let them: one that fills its memory again and
/// again, a fork bomb, one that floods its log, one that fills its disk; against the same exec while the host is quiet.
/// </summary>
internal sealed class NeighboursScenario : IScenario
{
    private const string Quiet = "quiet";

    // Each within a quarter of a core: what is measured is what they do to others beside taking their share.
    private const double Cpus = 0.25;
    private const long MemoryBytes = 64L << 20, DiskBytes = 256L << 20;
    private const int Pids = 100;

    // The bomb's own shell ends where it cannot fork, and begins again.
    private static readonly string[] Offenders =
    [
        "while :; do tail /dev/zero; done",
        "trap 'exec sh -c \"$0\" \"$0\"' EXIT; bomb() { bomb | bomb & }; while :; do bomb; sleep 0.1; done 2>/dev/null",
        "exec yes 'a line that nobody reads, again and again'",
        "while :; do cat /dev/zero > /filled; rm /filled; done 2>/dev/null",
    ];

    public string Name => "neighbours";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Quilt?.Engines[0] is not QuiltEngine engine)
        {
            return [];
        }

        string name = bench.NextName();
        List<string> started = [];
        try
        {
            started.Add(name);
            await engine.StartAsync(name, cancel);
            Samples quiet = await MeasureAsync(Quiet);
            foreach (string script in Offenders)
            {
                started.Add($"{name}-{started.Count}");
                ContainerSpec spec = new() { Name = started[^1], Command = { "sh", "-c", script, script }, Resources = new Resources { MemoryBytes = MemoryBytes, Cpus = Cpus, Pids = Pids, DiskBytes = DiskBytes } };
                await engine.Client.CreateContainerAsync(new CreateContainerRequest { Spec = spec, AutoStart = true }, cancellationToken: cancel);
            }

            Samples beset = await MeasureAsync(QuiltEngine.SideName);
            return
            [
                new Measurement(Name, "exec of true beside a memory hog, a fork bomb, a log flooder and a disk filler", "ms", [beset, quiet])
                {
                    Note = FormattableString.Invariant($"{beset.P50 / quiet.P50:0.0} times as long as on the quiet host at p50, {beset.P99 / quiet.P99:0.0} at p99"),
                },
            ];
        }
        finally
        {
            foreach (string container in started)
            {
                await engine.RemoveAsync(container, CancellationToken.None);
            }
        }

        async Task<Samples> MeasureAsync(string side) => (await Interleaving.RunAsync(
            [new Contender(side, token => Interleaving.TimeAsync(() => engine.ExecTrueAsync(name, token)))], bench.Rounds, cancel))[0];
    }
}
