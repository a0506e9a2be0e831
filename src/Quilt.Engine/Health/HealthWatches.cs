using System.Collections.Concurrent;

namespace Quilt.Engine;

/// <summary>The watches over running containers' health, which end with the engine. One waits for its next probe as a timer does, on no thread.</summary>
internal sealed class HealthWatches : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<Task, byte> _all = new();

    /// <param name="watch">Throws nothing but that it was cancelled.</param>
    internal void Begin(Func<CancellationToken, Task> watch)
    {
        Task task = Task.Run(() => watch(_ending.Token), CancellationToken.None);
        _all.TryAdd(task, 0);
        _ = task.ContinueWith(ended => _all.TryRemove(ended, out _), TaskScheduler.Default);
    }

    /// <summary>Returns when the last has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        foreach (Task watch in _all.Keys)
        {
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _ending.Dispose();
    }
}
