using System.Diagnostics;
using System.Text.Json;
using Quilt.Bench.Engines;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;
using Quilt.Linux;

namespace Quilt.Bench.Scenarios;

/// <summary>Many running containers at once, each of which reaches the one before: what an edge costs among them, what the daemon gains, and what is left when they are gone. Ours alone.</summary>
internal sealed class ConnectedScenario : IScenario
{
    private const int Port = 5432, Window = 50;

    // Longer than the daemon's check of its wiring waits, which takes the fabric away when nobody is in it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45), Glance = TimeSpan.FromMilliseconds(200);

    public string Name => "connected";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Quilt is not { } quilt)
        {
            return [];
        }

        QuiltEngine engine = (QuiltEngine)quilt.Engines[0];
        List<string> names = [];
        Samples draws = new(engine.Side), made = new(engine.Side), gain = new(engine.Side), left = new(engine.Side);
        string whileThere = "";
        try
        {
            await Weight.SettledAsync(quilt, cancel);
            long weight = ProcessTable.PssBytes(quilt.DaemonPid), start = Stopwatch.GetTimestamp();
            for (int i = 0; i < bench.GrowthContainers; i++)
            {
                names.Add(bench.NextName());
                await engine.StartAsync(names[^1], cancel);
                if (i > 0)
                {
                    draws.Add(await Interleaving.TimeAsync(() => engine.ConnectAsync(names[^1], names[^2], Port, cancel)));
                }
            }

            made.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await Weight.SettledAsync(quilt, cancel);
            gain.Add((ProcessTable.PssBytes(quilt.DaemonPid) - weight) / 1024.0 / bench.GrowthContainers);
            whileThere = $"{await Left.OfAsync(quilt, cancel)} while they ran";
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            foreach (Samples samples in (Samples[])[draws, made, gain])
            {
                samples.Fail(e.Message);
            }
        }
        finally
        {
            foreach (string name in names)
            {
                await engine.RemoveAsync(name, CancellationToken.None);
            }
        }

        long removed = Stopwatch.GetTimestamp();
        Left after = await Left.OfAsync(quilt, cancel);
        while (after.Sum > 0 && Stopwatch.GetElapsedTime(removed) < Patience)
        {
            await Task.Delay(Glance, cancel);
            after = await Left.OfAsync(quilt, cancel);
        }

        left.Add(after.Sum);
        string afterwards = $"{after} {Stopwatch.GetElapsedTime(removed).TotalSeconds:0} s after the last was removed";
        int window = Math.Min(Window, draws.Values.Count / 2);
        return
        [
            new Measurement("connected-establish", $"draw an edge to a container without a link, {bench.GrowthContainers} running at the end", "ms", [draws])
            {
                Note = $"each to the one started before, the moment that it runs, its link with it; p50 of the first {window} {Of(draws.Values.Take(window)):0.00}, of the last {window} {Of(draws.Values.TakeLast(window)):0.00}",
            },
            new Measurement("connected-time", $"{bench.GrowthContainers} containers created, started and connected, one after the other", "s", [made]),
            new Measurement("connected-daemon", "daemon's memory by each connected container, PSS", "KB", [gain]) { Budget = new Budget.AtMost(20) },
            new Measurement("connected-left", "links, edges and fabrics left of them", "", [left]) { Budget = new Budget.AtMost(0), Note = $"{whileThere}; {afterwards}" },
        ];
    }

    private static double Of(IEnumerable<double> values)
    {
        Samples samples = new("");
        foreach (double value in values)
        {
            samples.Add(value);
        }

        return samples.P50;
    }

    /// <summary>What there is of a network at one moment.</summary>
    /// <param name="Fabrics">The namespace that the containers' links end in, while it is kept.</param>
    /// <param name="Links">In it, without its loopback.</param>
    /// <param name="Edges">That the daemon knows of.</param>
    private sealed record Left(int Fabrics, int Links, int Edges)
    {
        public static async Task<Left> OfAsync(QuiltPeer quilt, CancellationToken cancel)
        {
            using JsonDocument topology = JsonDocument.Parse(await ((QuiltEngine)quilt.Engines[0]).CallToolAsync("getNetworkTopology", new { }, cancel));
            string fabric = Path.Combine(quilt.RunFolder, "fabric");
            bool isKept = Mounts.Under(quilt.RunFolder).Contains(fabric);
            return new Left(isKept ? 1 : 0, isKept ? CountLinks(fabric) : 0, topology.RootElement.GetProperty("edges").GetArrayLength());
        }

        public int Sum => Fabrics + Links + Edges;

        public override string ToString() => $"{Fabrics} fabric, {Links} links, {Edges} edges";

        private static int CountLinks(string fabric)
        {
            const int headings = 2, loopback = 1;
            using FileDescriptor network = Sys.Open(fabric, OpenMode.ReadOnly);
            return NamespaceThread.Run(network, () => File.ReadLines("/proc/thread-self/net/dev").Count()) - headings - loopback;
        }
    }
}
