namespace Quilt.Core;

/// <summary>One at a time for each key, so that two who want the same thing do not both do it; or so many.</summary>
/// <param name="atOnce">How many of one key.</param>
public sealed class KeyedLocks<T>(int atOnce = 1)
    where T : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<T, Entry> _entries = [];

    public async Task<IDisposable> TakeAsync(T key, CancellationToken cancellation)
    {
        Entry entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out entry!))
            {
                _entries.Add(key, entry = new Entry(atOnce));
            }

            entry.Users++;
        }

        try
        {
            await entry.Gate.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            Leave(key, entry);
            throw;
        }

        return new Holder(this, key, entry);
    }

    /// <summary>Takes it unless somebody has it or waits for it.</summary>
    public IDisposable? TryTake(T key)
    {
        lock (_lock)
        {
            if (_entries.ContainsKey(key))
            {
                return null;
            }

            Entry entry = new(atOnce) { Users = 1 };
            _entries.Add(key, entry);
            entry.Gate.Wait();
            return new Holder(this, key, entry);
        }
    }

    private void Leave(T key, Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Users == 0)
            {
                _entries.Remove(key);
                entry.Gate.Dispose();
            }
        }
    }

    private sealed class Entry(int atOnce)
    {
        internal SemaphoreSlim Gate { get; } = new(atOnce);

        /// <summary>Those who wait included.</summary>
        internal int Users { get; set; }
    }

    private sealed class Holder(KeyedLocks<T> locks, T key, Entry entry) : IDisposable
    {
        private bool _disposed;

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                entry.Gate.Release();
                locks.Leave(key, entry);
            }
        }
    }
}
