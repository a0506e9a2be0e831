using Quilt.Api.V1;
using Quilt.Bench.Engines;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>
/// An exec in a container while others on the host behave as badly as their limits let them: one that fills its memory again and
/// again, a fork bomb, one that floods its log, one that fills its disk; against the same exec while the host is quiet. What beside
/// them befalls nsenter, which nobody limits, is the kernel's doing.
/// </summary>
internal sealed class NeighboursScenario : IScenario
{
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

        await using ExecContenders contenders = await ExecContenders.StartAsync(bench, cancel);
        IReadOnlyList<Samples> quiet = await Interleaving.RunAsync(contenders.All, bench.Rounds, cancel);
        List<string> started = [];
        try
        {
            foreach (string script in Offenders)
            {
                started.Add(bench.NextName());
                ContainerSpec spec = new() { Name = started[^1], Command = { "sh", "-c", script, script }, Resources = new Resources { MemoryBytes = MemoryBytes, Cpus = Cpus, Pids = Pids, DiskBytes = DiskBytes } };
                await engine.Client.CreateContainerAsync(new CreateContainerRequest { Spec = spec, AutoStart = true }, cancellationToken: cancel);
            }

            IReadOnlyList<Samples> beset = await Interleaving.RunAsync(contenders.All, bench.Rounds, cancel);
            return
            [
                new Measurement($"{Name}-quiet", "exec of true while the host is quiet", "ms", quiet),
                new Measurement(Name, "exec of true beside a memory hog, a fork bomb, a log flooder and a disk filler", "ms", beset)
                {
                    Note = string.Join("; ", beset.Zip(quiet).Where(b => b.First.IsMeasured && b.Second.IsMeasured).Select(Slower)),
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
    }

    private static string Slower((Samples Beset, Samples Quiet) side) => FormattableString.Invariant(
        $"{side.Beset.Side} {side.Beset.P50 / side.Quiet.P50:0.0} times as long as on the quiet host at p50, {side.Beset.P99 / side.Quiet.P99:0.0} at p99 ({side.Quiet.P99:0.0} to {side.Beset.P99:0.0} ms)");
}
