using Quilt.Core;

namespace Quilt.Registry;

/// <summary>Tokens by what they are good for, each fetched once however many ask for it at the same time, and again before it expires.</summary>
internal sealed class TokenCache(TokenServer server, TimeProvider time)
{
    private const int MostTokens = 1000;
    private readonly Lock _lock = new();
    private readonly Dictionary<TokenKey, Entry> _entries = [];

    /// <exception cref="QuiltException">Why there is none.</exception>
    internal async Task<string> GetAsync(RegistryHost host, TokenKey key, CancellationToken cancellation)
    {
        Entry entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out entry!) || entry.IsOver(time))
            {
                if (_entries.Count >= MostTokens)
                {
                    _entries.Clear();
                }

                // It is for all who wait, so none of them can call it off; it has its own limits of time.
                entry = _entries[key] = new Entry(Task.Run(() => server.FetchAsync(host, key, CancellationToken.None), CancellationToken.None));
            }
        }

        return (await entry.Fetching.WaitAsync(cancellation).ConfigureAwait(false)).Value;
    }

    /// <summary>The registry did not take this one: the next who asks gets another.</summary>
    internal void Forget(TokenKey key, string token)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out Entry? entry) && entry.Has(token))
            {
                _entries.Remove(key);
            }
        }
    }

    private sealed record Entry(Task<RegistryToken> Fetching)
    {
        internal bool IsOver(TimeProvider time) =>
            Fetching.IsFaulted || Fetching.IsCanceled || (Fetching.IsCompletedSuccessfully && Fetching.Result.RenewAt <= time.GetTimestamp());

        internal bool Has(string token) => Fetching.IsCompletedSuccessfully && Fetching.Result.Value == token;
    }
}

/// <param name="RenewAt">A timestamp of the clock: some time before it expires.</param>
internal sealed record RegistryToken(string Value, long RenewAt);
