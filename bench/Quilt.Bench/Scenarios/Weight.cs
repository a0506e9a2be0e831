using Quilt.Bench.Peers;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Scenarios;

/// <summary>The memory of a side's processes at one moment.</summary>
/// <param name="BytesByName">Proportional set size, summed over the processes of each name.</param>
internal sealed record Weight(int Processes, IReadOnlyDictionary<string, long> BytesByName)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    // Longer than a pool of ours waits before it shrinks.
    private const int MostGlances = 150, CalmGlances = 40;

    public long Bytes => BytesByName.Values.Sum();

    public static Weight Of(IPeer peer)
    {
        IReadOnlyList<ProcessEntry> processes = ProcessTable.MarkedBy(peer.Owns!);
        return new Weight(
            processes.Count,
            processes.GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.Sum(p => ProcessTable.PssBytes(p.Pid))));
    }

    /// <summary>As soon as no process comes or goes any more: a pool may be filling or shrinking, a helper ending.</summary>
    public static async Task<Weight> SettledAsync(IPeer peer, CancellationToken cancel)
    {
        int calm = 0, last = -1;
        for (int glance = 0; glance < MostGlances && calm < CalmGlances; glance++)
        {
            int count = ProcessTable.MarkedBy(peer.Owns!).Count;
            calm = count == last ? calm + 1 : 0;
            last = count;
            await Task.Delay(Glance, cancel);
        }

        return Of(peer);
    }

    /// <summary>What each name gained since, for each of so many containers, as text.</summary>
    public string DescribeGrowth(Weight before, int containers) =>
        string.Join(", ", BytesByName
            .Select(g => (Name: g.Key, Bytes: (g.Value - before.BytesByName.GetValueOrDefault(g.Key)) / containers))
            .Where(g => Math.Abs(g.Bytes) >= 1024)
            .OrderByDescending(g => g.Bytes)
            .Select(g => $"{g.Name} {g.Bytes / 1024} KB"));
}
