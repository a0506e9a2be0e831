using Quilt.Bench.Engines;

namespace Quilt.Bench.Scenarios;

/// <summary>Edges that are there beside the measured ones: between a few running containers, to many ports.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int Containers = 4, FirstPort = 10_000;

    private readonly QuiltEngine _engine;
    private readonly List<string> _names = [];
    private int _edges;

    private Crowd(QuiltEngine engine) => _engine = engine;

    public static async Task<Crowd> StartAsync(Bench bench, QuiltEngine engine, CancellationToken cancel)
    {
        Crowd crowd = new(engine);
        try
        {
            for (int i = 0; i < Containers; i++)
            {
                crowd._names.Add(bench.NextName());
                await engine.StartAsync(crowd._names[^1], cancel);
            }

            return crowd;
        }
        catch
        {
            await crowd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Draws as many as are missing, spread over all pairs, in both directions.</summary>
    public async Task GrowAsync(int edges, CancellationToken cancel)
    {
        (string From, string To)[] pairs = [.. _names.SelectMany(from => _names.Where(to => to != from).Select(to => (from, to)))];
        for (; _edges < edges; _edges++)
        {
            (string from, string to) = pairs[_edges % pairs.Length];
            await _engine.ConnectAsync(from, to, FirstPort + (_edges / pairs.Length), cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string name in _names)
        {
            await _engine.RemoveAsync(name, CancellationToken.None);
        }
    }
}
