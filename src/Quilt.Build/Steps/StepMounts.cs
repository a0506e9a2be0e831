using Quilt.Linux;

namespace Quilt.Build;

/// <summary>The mounts of one step. Caches are only taken hold of when the step is to run: its outcome may be known.</summary>
internal sealed class StepMounts(CacheMounts caches) : IDisposable
{
    private readonly List<object> _planned = [];
    private readonly Dictionary<string, CacheMounts.Use> _held = [];

    /// <summary>In the order in which they were added; after <see cref="AcquireAsync"/>.</summary>
    internal IReadOnlyList<StepMount> All { get; private set; } = [];

    internal void Add(StepMount mount) => _planned.Add(mount);

    /// <summary>One that has to be made.</summary>
    internal void Add(Func<CancellationToken, Task<StepMount>> make) => _planned.Add(make);

    internal void Add(PlannedCache cache) => _planned.Add(cache);

    internal async Task AcquireAsync(CancellationToken cancellation)
    {
        // In one order for all steps, and one that is mounted twice once: no two wait for each other.
        foreach (IGrouping<string, PlannedCache> same in _planned.OfType<PlannedCache>().GroupBy(c => c.Name).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            _held.Add(same.Key, await caches.AcquireAsync(same.Key, same.Max(c => c.Sharing), same.First().Fill, cancellation).ConfigureAwait(false));
        }

        List<StepMount> made = [];
        foreach (object planned in _planned)
        {
            made.Add(planned switch
            {
                StepMount mount => mount,
                PlannedCache cache => new StepMount.Bind(cache.Target, _held[cache.Name].Folder, cache.IsReadOnly),
                Func<CancellationToken, Task<StepMount>> make => await make(cancellation).ConfigureAwait(false),
                _ => throw new InvalidOperationException("nothing else is added"),
            });
        }

        All = made;
    }

    public void Dispose()
    {
        foreach (CacheMounts.Use held in _held.Values)
        {
            held.Dispose();
        }
    }
}

/// <param name="Name">Of the cache.</param>
/// <param name="Fill">Of its folder, where that is new. Waits for nothing: others who want the cache wait meanwhile.</param>
internal sealed record PlannedCache(string Target, string Name, CacheSharing Sharing, bool IsReadOnly, Action<FileDescriptor> Fill);
