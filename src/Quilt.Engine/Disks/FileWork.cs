using Quilt.Core;

namespace Quilt.Engine;

/// <summary>
/// Work with files that may take long, and a thread as long: so much at once that threads are left for everybody, and of one agent's so much that
/// places are left for others. Who waits for a place holds no thread.
/// </summary>
/// <remarks>A place is entered before a container's gate, never with it held.</remarks>
internal sealed class FileWork : IDisposable
{
    private const int Most = 8, MostOfOne = 3;
    private readonly SemaphoreSlim _places = new(Most);
    private readonly KeyedLocks<string> _shares = new(MostOfOne);

    /// <param name="agent">Who asks for it; empty: the operator.</param>
    internal async Task<T> RunAsync<T>(string agent, Func<T> work, CancellationToken cancellation)
    {
        using IDisposable place = await EnterAsync(agent, cancellation).ConfigureAwait(false);
        return await Task.Run(work, cancellation).ConfigureAwait(false);
    }

    /// <summary>For work that is no one function: it is in its place until this is disposed of.</summary>
    internal async Task<IDisposable> EnterAsync(string agent, CancellationToken cancellation)
    {
        IDisposable share = await _shares.TakeAsync(agent, cancellation).ConfigureAwait(false);
        try
        {
            await _places.WaitAsync(cancellation).ConfigureAwait(false);
            return new Place(this, share);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    /// <summary>When nobody works any more.</summary>
    public void Dispose() => _places.Dispose();

    private sealed class Place(FileWork work, IDisposable share) : IDisposable
    {
        public void Dispose()
        {
            work._places.Release();
            share.Dispose();
        }
    }
}
