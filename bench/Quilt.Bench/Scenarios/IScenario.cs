using Quilt.Bench.Peers;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>One thing that is measured, of all sides that can do it.</summary>
internal interface IScenario
{
    /// <summary>For <c>--only</c>.</summary>
    string Name { get; }

    Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel);
}

/// <summary>What the scenarios share.</summary>
/// <param name="Rounds">Of what takes milliseconds.</param>
/// <param name="IdleContainers">How many are started to weigh one.</param>
/// <param name="GrowthContainers">How many are kept at once to see what growth costs.</param>
/// <param name="Edges">How many edges are there, from few to many, while one of them is measured.</param>
/// <param name="RateTime">How long one round of a sustained rate lasts.</param>
/// <param name="LayerBytes">What each of the 8 layers of an image that is pulled has, compressed.</param>
internal sealed record Bench(
    IReadOnlyList<IPeer> Peers, Workspace Workspace, Rounds Rounds, int IdleContainers, int GrowthContainers, IReadOnlyList<int> Edges, TimeSpan RateTime, long LayerBytes)
{
    private int _names;

    public QuiltPeer? Quilt => Peers.OfType<QuiltPeer>().FirstOrDefault();

    /// <summary>A container's name that this run has not used.</summary>
    public string NextName() => $"bench-{Environment.ProcessId}-{Interlocked.Increment(ref _names)}";
}
