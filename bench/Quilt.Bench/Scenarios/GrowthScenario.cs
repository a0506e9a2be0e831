using Quilt.Bench.Engines;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>Whether the thousandth container is as quick as the first, and what the daemon gains by each. Ours alone: it is a question to ourselves.</summary>
internal sealed class GrowthScenario : IScenario
{
    private const int Window = 50;

    public string Name => "growth";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Quilt is not { } quilt)
        {
            return [];
        }

        IContainerEngine engine = quilt.Engines[0];
        List<string> names = [];
        Samples ratio = new(engine.Side), gain = new(engine.Side);
        Command pace = new("/bin/busybox", Path.Combine(Path.GetDirectoryName(quilt.Folder)!, "pace.err"));
        (double Rate, double Pace) first = default, last = default;
        try
        {
            await Weight.SettledAsync(quilt, cancel);
            long before = ProcessTable.PssBytes(quilt.DaemonPid);
            int window = Math.Min(Window, bench.GrowthContainers / 2);
            first = await CreateAsync(window);
            await CreateAsync(bench.GrowthContainers - (2 * window));

            // As before the first ones: what those before have left to do, a second after their start, is not theirs.
            await Weight.SettledAsync(quilt, cancel);
            last = await CreateAsync(window);
            await Weight.SettledAsync(quilt, cancel);
            ratio.Add(last.Rate / first.Rate * (last.Pace / first.Pace));
            gain.Add((ProcessTable.PssBytes(quilt.DaemonPid) - before) / 1024.0 / bench.GrowthContainers);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            ratio.Fail(e.Message);
            gain.Fail(e.Message);
        }
        finally
        {
            foreach (string name in names)
            {
                await engine.RemoveAsync(name, CancellationToken.None);
            }
        }

        return
        [
            new Measurement(Name, $"creation rate at the {bench.GrowthContainers}th container to that at the first", "", [ratio])
            {
                Budget = new Budget.AtLeast(0.8),
                Note = $"{first.Rate:0.0}/s at first, {last.Rate:0.0}/s at last, all kept; a process that does nothing took {first.Pace:0.00} and {last.Pace:0.00} ms meanwhile, which is allowed for",
            },
            new Measurement("daemon-growth", "daemon's memory by each container kept, PSS", "KB", [gain]) { Budget = new Budget.AtMost(20) },
        ];

        // By their p50: one that the machine held up is not the rate. And beside the time of a bare process: the machine's own pace changes meanwhile.
        async Task<(double Rate, double Pace)> CreateAsync(int count)
        {
            Samples times = new(engine.Side), bare = new("busybox");
            for (int i = 0; i < count; i++)
            {
                names.Add(bench.NextName());
                times.Add(await Interleaving.TimeAsync(() => engine.StartAsync(names[^1], cancel)));
                bare.Add(pace.Run(["true"]));
            }

            return (1000 / times.P50, bare.P50);
        }
    }
}
