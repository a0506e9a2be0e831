using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>The same key gives the first outcome again, whoever asks how often and across daemons. What failed changed nothing, and is tried anew.</summary>
internal sealed class Idempotency
{
    private const int LongestKey = 256;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private readonly Database _database;
    private readonly ConcurrentDictionary<(string Agent, string Key), SemaphoreSlim> _running = new();

    internal Idempotency(Database database)
    {
        _database = database;
        database.Write(writer => writer.Run("DELETE FROM idempotency WHERE time < $oldest", ("$oldest", (DateTimeOffset.UtcNow - Kept).UtcTicks)));
    }

    /// <exception cref="QuiltException">AlreadyExists: the key was used with other arguments; Aborted: how the first call ended is not known.</exception>
    internal async Task<T> RunAsync<T>(Agent agent, string key, string tool, string arguments, Codec<T> codec, Func<Task<T>> body, CancellationToken cancellation)
    {
        if (key.Length is 0 or > LongestKey)
        {
            throw QuiltException.Invalid("idempotencyKey", $"a key of {key.Length} characters cannot be used", $"give 1 to {LongestKey} characters");
        }

        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(arguments)));

        // One at a time: the second waits for the first's outcome.
        SemaphoreSlim gate = _running.GetOrAdd((agent.Id, key), _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            (string Tool, string Hash, string? Outcome)? known = _database.Read(
                "SELECT tool, hash, outcome FROM idempotency WHERE agent = $agent AND key = $key",
                row => ((string, string, string?)?)(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)), ("$agent", agent.Id), ("$key", key)).FirstOrDefault();
            if (known is { } first)
            {
                return (first.Tool, first.Hash) != (tool, hash)
                    ? throw new QuiltException(ErrorCode.AlreadyExists, $"the idempotency key was used for another call: {first.Tool}{(first.Tool == tool ? " with other arguments" : "")}", "use another key for another call", "idempotencyKey")
                    : first.Outcome is { } outcome
                        ? codec.Read(outcome)
                        : throw new QuiltException(ErrorCode.Aborted, "quiltd ended while the first call with this key ran: whether it was done is not known", "look whether it was, and use another key to do it again", "idempotencyKey");
            }

            _database.Write(writer => writer.Run(
                "INSERT INTO idempotency (agent, key, tool, hash, time) VALUES ($agent, $key, $tool, $hash, $time)",
                ("$agent", agent.Id), ("$key", key), ("$tool", tool), ("$hash", hash), ("$time", DateTimeOffset.UtcNow.UtcTicks)));
            try
            {
                T result = await body().ConfigureAwait(false);
                _database.Write(writer => writer.Run(
                    "UPDATE idempotency SET outcome = $outcome WHERE agent = $agent AND key = $key", ("$outcome", codec.Write(result)), ("$agent", agent.Id), ("$key", key)));
                return result;
            }
            catch
            {
                _database.Write(writer => writer.Run("DELETE FROM idempotency WHERE agent = $agent AND key = $key AND outcome IS NULL", ("$agent", agent.Id), ("$key", key)));
                throw;
            }
        }
        finally
        {
            gate.Release();
            if (gate.CurrentCount == 1)
            {
                _running.TryRemove(new((agent.Id, key), gate));
            }
        }
    }
}

/// <summary>How an outcome is kept.</summary>
public sealed record Codec<T>(Func<T, string> Write, Func<string, T> Read);
