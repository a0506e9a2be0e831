namespace Quilt.Build;

/// <summary>The mounts of one step. Caches are only taken hold of when the step is to run: its outcome may be known.</summary>
internal sealed class StepMounts(CacheMounts caches) : IDisposable
{
    private readonly List<Func<CancellationToken, Task<StepMount>>> _planned = [];
    private readonly List<IDisposable> _held = [];

    /// <summary>After <see cref="AcquireAsync"/>.</summary>
    internal IReadOnlyList<StepMount> All { get; private set; } = [];

    internal void Add(StepMount mount) => _planned.Add(_ => Task.FromResult(mount));

    /// <summary>One that has to be made.</summary>
    internal void Add(Func<CancellationToken, Task<StepMount>> make) => _planned.Add(make);

    /// <param name="fill">Of a new cache's folder.</param>
    internal void AddCache(string target, string name, CacheSharing sharing, bool isReadOnly, Func<CancellationToken, Task<Action<Linux.FileDescriptor>>> fill) => _planned.Add(async cancellation =>
    {
        Action<Linux.FileDescriptor> make = await fill(cancellation).ConfigureAwait(false);
        CacheMounts.Use use = await caches.AcquireAsync(name, sharing, make, cancellation).ConfigureAwait(false);
        _held.Add(use);
        return new StepMount.Bind(target, use.Folder, isReadOnly);
    });

    internal async Task AcquireAsync(CancellationToken cancellation)
    {
        List<StepMount> made = [];
        foreach (Func<CancellationToken, Task<StepMount>> make in _planned)
        {
            made.Add(await make(cancellation).ConfigureAwait(false));
        }

        All = made;
    }

    public void Dispose() => _held.ForEach(h => h.Dispose());
}
