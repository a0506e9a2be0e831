using Quilt.Bench.Engines;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;
using Quilt.Bench.Traffic;

namespace Quilt.Bench.Scenarios;

/// <summary>What passes between two containers, and how soon: over an edge, with few others there and with many, and over docker's bridge in the same rounds.</summary>
internal sealed class PacketScenario : IScenario
{
    private const int MostRounds = 7, TripsARound = 2000;
    private const string Pace = "docker API";

    public string Name => "packets";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Quilt is not { } quilt)
        {
            return [];
        }

        QuiltEngine engine = (QuiltEngine)quilt.Engines[0];
        string folder = Path.GetDirectoryName(quilt.Folder)!;
        Rounds rounds = new(1, Math.Min(MostRounds, bench.Rounds.Counted));
        List<Pair> pairs = [];
        await using Crowd crowd = await Crowd.StartAsync(bench, engine, cancel);
        try
        {
            foreach (IConnectingEngine side in bench.Peers.SelectMany(p => p.Engines).OfType<IConnectingEngine>())
            {
                pairs.Add(await Pair.StartAsync(bench, side, Path.Combine(folder, $"iperf-{pairs.Count}"), cancel));
            }

            List<Measurement> measurements = [];
            foreach (int edges in bench.Edges)
            {
                await crowd.GrowAsync(edges, cancel);
                IReadOnlyList<Samples> rates = await Interleaving.RunAsync([.. pairs.Select(p => new Contender(p.Side, _ => Task.FromResult(p.Rate(bench.RateTime))))], rounds, cancel);
                IReadOnlyList<Samples> trips = await Interleaving.RunAsync([.. pairs.Select(p => new Contender(p.Side, _ => Task.FromResult(p.Trips(TripsARound))))], bench.Rounds, cancel);
                measurements.Add(new Measurement($"throughput-{edges}", $"throughput of a TCP connection beside {edges:#,##0} edges", "Gbit/s", rates));
                measurements.Add(new Measurement($"round-trip-{edges}", $"round trip of a byte beside {edges:#,##0} edges", "µs", trips));
            }

            return
            [
                .. measurements,
                Flatness(bench, "throughput", "throughput", new Budget.AtLeast(0.8), measurements),
                Flatness(bench, "round-trip", "round trip", new Budget.AtMost(1.25), measurements),
            ];
        }
        finally
        {
            foreach (Pair pair in pairs)
            {
                await pair.DisposeAsync();
            }
        }
    }

    /// <summary>Where docker was measured too, beside what it did at either moment: it has no edges, and sets the machine's pace.</summary>
    private static Measurement Flatness(Bench bench, string name, string title, Budget budget, List<Measurement> measurements)
    {
        (int few, int many) = (bench.Edges[0], bench.Edges[^1]);
        Measurement first = measurements.Single(m => m.Name == $"{name}-{few}"), last = measurements.Single(m => m.Name == $"{name}-{many}");
        Samples ratio = new(QuiltEngine.SideName);
        bool isPaced = first.Side(Pace) is not null && last.Side(Pace) is not null;
        if (first.Ours is { } before && last.Ours is { } after)
        {
            double pace = isPaced ? first.Side(Pace)!.P50 / last.Side(Pace)!.P50 : 1;
            ratio.Add(after.P50 / before.P50 * pace);
        }

        return new Measurement($"{name}-flat", $"{title} beside {many:#,##0} edges to that beside {few:#,##0}", "", [ratio])
        {
            Budget = budget,
            Note = isPaced ? $"docker's, which has no edges, was {first.Side(Pace)!.P50:0.0} and {last.Side(Pace)!.P50:0.0} {first.Unit} meanwhile, which is allowed for" : null,
        };
    }

    /// <summary>Two containers of a side, the one of which reaches the other.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly IConnectingEngine _engine;
        private readonly string _client, _server;
        private Iperf? _iperf;
        private RoundTrips? _trips;
        private string? _iperfMissing;

        private Pair(Bench bench, IConnectingEngine engine) => (_engine, _client, _server) = (engine, bench.NextName(), bench.NextName());

        public string Side => _engine.Side;

        public static async Task<Pair> StartAsync(Bench bench, IConnectingEngine engine, string output, CancellationToken cancel)
        {
            Pair pair = new(bench, engine);
            try
            {
                await engine.StartConnectedAsync(pair._server, null, Iperf.Port, cancel);
                await engine.StartConnectedAsync(pair._client, pair._server, Iperf.Port, cancel);
                if (engine is QuiltEngine ours)
                {
                    await ours.ConnectAsync(pair._client, pair._server, RoundTrips.Port, cancel);
                }

                Place client = await engine.FindAsync(pair._client, cancel), server = await engine.FindAsync(pair._server, cancel);
                pair._trips = new RoundTrips(client, server);
                try
                {
                    pair._iperf = await Iperf.StartAsync(client, server, output, cancel);
                }
                catch (BenchException e)
                {
                    pair._iperfMissing = e.Message;
                }

                return pair;
            }
            catch
            {
                await pair.DisposeAsync();
                throw;
            }
        }

        public double Rate(TimeSpan time) => _iperf?.Measure(time) ?? throw new BenchException(_iperfMissing!);

        public double Trips(int count) => _trips!.Measure(count);

        public async ValueTask DisposeAsync()
        {
            _trips?.Dispose();
            await (_iperf?.DisposeAsync() ?? ValueTask.CompletedTask);
            await _engine.RemoveAsync(_client, CancellationToken.None);
            await _engine.RemoveAsync(_server, CancellationToken.None);
        }
    }
}
