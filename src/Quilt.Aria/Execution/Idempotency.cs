using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>The same key gives the first outcome again, whoever asks how often and across daemons. What failed changed nothing, and is tried anew; what was cancelled may have changed something, and is not.</summary>
internal sealed class Idempotency
{
    internal const int MostKeys = 10_000, LongestOutcome = 256 << 10;
    private const int LongestKey = 256;

    // An agent's long outcomes may push out its own old ones, and nobody else's.
    private const long MostOutcomeBytes = 64 << 20;
    private const int KeysBetweenSweeps = 256;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24), BetweenSweeps = TimeSpan.FromMinutes(10);
    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly KeyedLocks<(string Agent, string Key)> _running = new();

    /// <summary>How many keys each agent has used since its keys were swept.</summary>
    private readonly ConcurrentDictionary<string, int> _sinceSweep = new(StringComparer.Ordinal);
    private long _sweptAt;

    internal Idempotency(Database database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        SweepOld();
    }

    private long Oldest => (_time.GetUtcNow() - Kept).UtcTicks;

    /// <exception cref="QuiltException">
    /// AlreadyExists: the key was used with other arguments; Aborted: how the first call ended is not known; FailedPrecondition: it was done, and its
    /// answer is not kept.
    /// </exception>
    internal async Task<T> RunAsync<T>(Agent agent, string key, ToolDefinition definition, string arguments, Codec<T> codec, Func<Task<T>> body, CancellationToken cancellation)
    {
        if (key.Length is 0 or > LongestKey)
        {
            throw QuiltException.Invalid("idempotencyKey", $"a key of {key.Length} characters cannot be used", $"give 1 to {LongestKey} characters");
        }

        string tool = definition.Name;
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(arguments)));

        // One at a time: the second waits for the first's outcome.
        using IDisposable turn = await _running.TakeAsync((agent.Id, key), cancellation).ConfigureAwait(false);
        if (Find(agent.Id, key) is { } first)
        {
            return (first.Tool, first.Hash) != (tool, hash)
                ? throw new QuiltException(ErrorCode.AlreadyExists, $"the idempotency key was used for another call: {first.Tool}{(first.Tool == tool ? " with other arguments" : "")}", "use another key for another call", "idempotencyKey")
                : first.As == KeptAs.Done
                    ? throw new QuiltException(ErrorCode.FailedPrecondition, $"the first call with this key was done, and its answer is not kept: it {(definition.AnswersSecret ? "held a secret" : $"had more than {LongestOutcome} characters")}", "look at what it did, and use another key to do it again", "idempotencyKey")
                    : first.Outcome is { } outcome
                        ? codec.Read(outcome)
                        : throw new QuiltException(ErrorCode.Aborted, "how the first call with this key ended is not known: it was cancelled, or quiltd ended or had no space to write it down", "look whether it was, and use another key to do it again", "idempotencyKey");
        }

        Sweep(agent.Id);
        _database.Write(writer => Put(writer, agent.Id, key, tool, hash, null, KeptAs.Outcome));
        T result;
        try
        {
            result = await body().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _database.TryWrite(writer => Put(writer, agent.Id, key, tool, hash, null, KeptAs.Cancelled));
            throw;
        }
        catch
        {
            // Where that cannot be written the key stays as one that was begun: what is told is why the call failed.
            _database.TryWrite(writer => writer.Run("DELETE FROM idempotency WHERE agent = $agent AND key = $key", ("$agent", agent.Id), ("$key", key)));
            throw;
        }

        // It is done, and its caller is told so, whether there is space to keep that or not.
        string kept = codec.Write(result);
        bool isNotKept = definition.AnswersSecret || kept.Length > LongestOutcome;
        _database.TryWrite(writer => Put(writer, agent.Id, key, tool, hash, isNotKept ? null : kept, isNotKept ? KeptAs.Done : KeptAs.Outcome));
        return result;
    }

    private Row? Find(string agent, string key) => _database.Read(
        "SELECT tool, hash, outcome, too_long FROM idempotency WHERE agent = $agent AND key = $key AND time >= $oldest",
        row => new Row(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), (KeptAs)row.GetInt32(3)),
        ("$agent", agent), ("$key", key), ("$oldest", Oldest)).FirstOrDefault();

    private void Put(Database.Writer writer, string agent, string key, string tool, string hash, string? outcome, KeptAs kept) => writer.Run(
        """
        INSERT OR REPLACE INTO idempotency (agent, key, tool, hash, time, outcome, too_long)
        VALUES ($agent, $key, $tool, $hash, $time, $outcome, $tooLong)
        """,
        ("$agent", agent), ("$key", key), ("$tool", tool), ("$hash", hash), ("$time", _time.GetUtcNow().UtcTicks), ("$outcome", outcome), ("$tooLong", (int)kept));

    /// <summary>Not at every key: it looks at all that an agent has.</summary>
    private void Sweep(string agent)
    {
        if (_time.GetUtcNow().UtcTicks - Interlocked.Read(ref _sweptAt) >= BetweenSweeps.Ticks)
        {
            SweepOld();
            foreach (string busy in _sinceSweep.Keys)
            {
                SweepMany(busy);
            }

            _sinceSweep.Clear();
        }

        if (_sinceSweep.AddOrUpdate(agent, 1, (_, since) => (since + 1) % KeysBetweenSweeps) == 0)
        {
            SweepMany(agent);
        }
    }

    private void SweepOld()
    {
        Interlocked.Exchange(ref _sweptAt, _time.GetUtcNow().UtcTicks);
        _database.Write(writer => writer.Run("DELETE FROM idempotency WHERE time < $oldest", ("$oldest", Oldest)));
    }

    /// <summary>Those that run stay: they are as few as the calls that an agent may make at once.</summary>
    private void SweepMany(string agent) => _database.Write(writer => writer.Run(
        """
        DELETE FROM idempotency WHERE agent = $agent AND (outcome IS NOT NULL OR too_long <> 0) AND key IN (
            SELECT key FROM (
                SELECT key, row_number() OVER newest AS place, sum(coalesce(octet_length(outcome), 0)) OVER newest AS bytes
                FROM idempotency WHERE agent = $agent
                WINDOW newest AS (ORDER BY time DESC, key ROWS UNBOUNDED PRECEDING))
            WHERE place > $mostKeys OR bytes > $mostBytes)
        """,
        ("$agent", agent), ("$mostKeys", MostKeys), ("$mostBytes", MostOutcomeBytes)));

    /// <summary>In the column too_long, whose first use it was.</summary>
    private enum KeptAs
    {
        /// <summary>Once there is one: until then it runs.</summary>
        Outcome,
        Done,
        Cancelled,
    }

    private sealed record Row(string Tool, string Hash, string? Outcome, KeptAs As);
}

/// <summary>How an outcome is kept.</summary>
public sealed record Codec<T>(Func<T, string> Write, Func<string, T> Read);
