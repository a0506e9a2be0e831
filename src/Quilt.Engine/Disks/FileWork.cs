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
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);

    /// <param name="agent">Who asks for it; empty: the operator.</param>
    internal async Task<T> RunAsync<T>(string agent, Func<T> work, CancellationToken cancellation)
    {
        using IDisposable place = await EnterAsync(agent, cancellation).ConfigureAwait(false);
        return await Task.Run(work, cancellation).ConfigureAwait(false);
    }

    /// <summary>For work that is no one function: it is in its place until this is disposed of.</summary>
    internal async Task<IDisposable> EnterAsync(string agent, CancellationToken cancellation)
    {
        Share share = Join(agent);
        try
        {
            await share.Places.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await _places.WaitAsync(cancellation).ConfigureAwait(false);
                return new Place(this, agent, share);
            }
            catch
            {
                share.Places.Release();
                throw;
            }
        }
        catch
        {
            Leave(agent, share);
            throw;
        }
    }

    /// <summary>When nobody works any more.</summary>
    public void Dispose() => _places.Dispose();

    private Share Join(string agent)
    {
        lock (_lock)
        {
            if (!_shares.TryGetValue(agent, out Share? share))
            {
                _shares.Add(agent, share = new Share());
            }

            share.Users++;
            return share;
        }
    }

    private void Leave(string agent, Share share)
    {
        lock (_lock)
        {
            if (--share.Users == 0)
            {
                _shares.Remove(agent);
                share.Dispose();
            }
        }
    }

    private sealed class Share : IDisposable
    {
        internal SemaphoreSlim Places { get; } = new(MostOfOne);

        /// <summary>Those who wait included.</summary>
        internal int Users { get; set; }

        public void Dispose() => Places.Dispose();
    }

    private sealed class Place(FileWork work, string agent, Share share) : IDisposable
    {
        public void Dispose()
        {
            work._places.Release();
            share.Places.Release();
            work.Leave(agent, share);
        }
    }
}
