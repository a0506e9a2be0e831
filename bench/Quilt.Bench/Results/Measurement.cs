using Quilt.Bench.Statistics;

namespace Quilt.Bench.Results;

/// <summary>What was measured of all sides.</summary>
/// <param name="Name">For machines and <c>--only</c>.</param>
/// <param name="Title">For people.</param>
/// <param name="Unit">ms, µs, s, /s, MB/s, Gbit/s, MB, KB or nothing.</param>
internal sealed record Measurement(string Name, string Title, string Unit, IReadOnlyList<Samples> Sides)
{
    public Budget? Budget { get; init; }

    /// <summary>What the value is made of, where that helps to read it.</summary>
    public string? Note { get; init; }

    public Samples? Ours => Side(Engines.QuiltEngine.SideName);

    public Samples? Side(string name) => Sides.FirstOrDefault(s => s.Side == name && s.IsMeasured);
}

/// <summary>What we want of our own p50. A closed set: a limit, a factor against a peer, or a limit that a peer sets the pace of.</summary>
internal abstract record Budget
{
    private Budget()
    {
    }

    public sealed record AtMost(double Value) : Budget;

    public sealed record AtLeast(double Value) : Budget;

    /// <summary>At most this many times the peer's p50.</summary>
    public sealed record Times(double Factor, string Peer) : Budget;

    /// <summary>At most this many times the p50 of each of the peers.</summary>
    public sealed record TimesEach(double Factor, params IReadOnlyList<string> Peers) : Budget;

    /// <summary>At most this long on a machine, and at a moment, where the peer takes so long; as many times as much where it takes longer.</summary>
    public sealed record Paced(double Value, string Peer, double PeerValue) : Budget;

    /// <summary>At most so much more than another side takes.</summary>
    public sealed record Beyond(double Value, string Peer) : Budget;

    /// <returns>Null where it can't be judged: one of the two was not measured.</returns>
    public bool? IsMetBy(Measurement measurement) => (this, measurement.Ours) switch
    {
        (AtMost limit, { } ours) => ours.P50 <= limit.Value,
        (AtLeast limit, { } ours) => ours.P50 >= limit.Value,
        (Times times, { } ours) when measurement.Side(times.Peer) is { } peer => ours.P50 <= times.Factor * peer.P50,
        (TimesEach times, { } ours) when times.Peers.Any(p => measurement.Side(p) is not null) =>
            times.Peers.Select(measurement.Side).OfType<Samples>().All(peer => ours.P50 <= times.Factor * peer.P50),
        (Beyond beyond, { } ours) when measurement.Side(beyond.Peer) is { } peer => ours.P50 - peer.P50 <= beyond.Value,
        (Paced paced, { } ours) when measurement.Side(paced.Peer) is { } peer => ours.P50 <= paced.Value * peer.P50 / paced.PeerValue,
        _ => null,
    };

    public string Describe(string unit) => this switch
    {
        AtMost limit => $"≤ {limit.Value:0.##} {unit}".TrimEnd(),
        AtLeast limit => $"≥ {limit.Value:0.##} {unit}".TrimEnd(),
        Times times => $"≤ {times.Factor:0.##} × {times.Peer}",
        TimesEach times => $"≤ {times.Factor:0.##} × {string.Join(" and ", times.Peers)}",
        Beyond beyond => $"≤ {beyond.Value:0.##} {unit} more than {beyond.Peer}",
        Paced paced => $"≤ {paced.Value:0.##} {unit} where {paced.Peer} takes {paced.PeerValue:0.##}",
        _ => "",
    };
}
