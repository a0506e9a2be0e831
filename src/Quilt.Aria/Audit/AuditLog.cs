using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>
/// Every call there was, in order. The database itself refuses to change a row. One writer takes what was told meanwhile in one
/// transaction, beside the calls: none of them waits for a disk, and whoever reads sees all that was told before.
/// </summary>
public sealed partial class AuditLog : IAsyncDisposable
{
    private const int MostWaiting = 65_536, MostAtOnce = 1024;
    private readonly Database _database;
    private readonly ILogger _logger;
    private readonly Channel<Item> _waiting = Channel.CreateBounded<Item>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Task _writing;

    private readonly AuditBound _calls, _watching, _nobodys;

    /// <param name="kept">The youngest so many are kept; of nobody's, and of those who watch, a tenth as many more of each, so that those push out no others.</param>
    internal AuditLog(Database database, long kept, ILogger<AuditLog> logger)
    {
        (_database, _logger) = (database, logger);
        long all = database.Read("SELECT count(*) FROM audit", row => row.GetInt64(0))[0];
        long nobodys = database.Read($"SELECT count(*) FROM audit WHERE agent_path = '{AuditEntry.Nobody}'", row => row.GetInt64(0))[0];
        long watching = database.Read("SELECT count(*) FROM audit WHERE watching = 1", row => row.GetInt64(0))[0];

        // One of each at least, so that the next one's cursor is a new one.
        _calls = new AuditBound(database, $"agent_path <> '{AuditEntry.Nobody}' AND watching = 0", "audit_trimmed_to", Math.Max(1, kept), all - nobodys - watching);
        _watching = new AuditBound(database, "watching = 1", "audit_watching_trimmed_to", Math.Max(1, kept / 10), watching);
        _nobodys = new AuditBound(database, $"agent_path = '{AuditEntry.Nobody}'", "audit_nobody_trimmed_to", Math.Max(1, kept / 10), nobodys);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Waits only where the disk is so far behind that it must.</summary>
    internal void Append(AuditEntry entry)
    {
        if (!_waiting.Writer.TryWrite(new Item(entry, null)))
        {
            Write([entry]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        List<AuditEntry> entries = [];
        List<TaskCompletionSource> readers = [];
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (entries.Count < MostAtOnce && _waiting.Reader.TryRead(out Item item))
            {
                if (item.Entry is { } entry)
                {
                    entries.Add(entry);
                }
                else
                {
                    readers.Add(item.Reader!);
                }
            }

            Write(entries);
            readers.ForEach(r => r.TrySetResult());
            entries.Clear();
            readers.Clear();
        }
    }

    private void Write(List<AuditEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        try
        {
            _database.Write(writer =>
            {
                foreach (AuditEntry entry in entries)
                {
                    Insert(writer, entry);
                }
            });
            int nobodys = entries.Count(e => e.AgentPath == AuditEntry.Nobody);
            int watching = entries.Count(e => e.Watching);
            _calls.Added(entries.Count - nobodys - watching);
            _watching.Added(watching);
            _nobodys.Added(nobodys);
        }
        catch (QuiltException e)
        {
            LogNotWritten(e, entries.Count); // a full disk: what is done is done
        }
    }

    private static void Insert(Database.Writer writer, AuditEntry entry) => writer.Run(
        """
        INSERT INTO audit (time, agent, agent_path, session, face, tool, arguments, outcome, code, rule, duration_us, watching)
        VALUES ($time, $agent, $agentPath, $session, $face, $tool, $arguments, $outcome, $code, $rule, $duration, $watching)
        """,
        ("$time", entry.Time.UtcTicks), ("$agent", entry.Agent), ("$agentPath", entry.AgentPath), ("$session", entry.Session), ("$face", entry.Face), ("$tool", entry.Tool),
        ("$arguments", entry.Arguments), ("$outcome", entry.Outcome), ("$code", entry.Code), ("$rule", entry.Rule), ("$duration", (long)entry.Duration.TotalMicroseconds), ("$watching", entry.Watching ? 1 : 0));

    /// <summary>Those after a cursor that match, in order; without a cursor, the last of them.</summary>
    /// <param name="agents">Of these alone, by their ids; null is all.</param>
    /// <param name="watching">Also those who only watched.</param>
    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(
        long? after, IReadOnlyCollection<string>? agents, string? tool, string? outcome, bool watching, int limit, CancellationToken cancellation)
    {
        TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _waiting.Writer.WriteAsync(new Item(null, written), cancellation).ConfigureAwait(false);
        await written.Task.WaitAsync(cancellation).ConfigureAwait(false);
        string which = agents is null ? "" : $" AND agent IN ({string.Join(", ", agents.Select((_, i) => $"$a{i}"))})";
        (string, object?)[] parameters =
        [
            ("$after", after ?? 0), ("$tool", tool), ("$outcome", outcome), ("$watching", watching ? 1 : 0), ("$limit", limit), .. (agents ?? []).Select((a, i) => ($"$a{i}", (object?)a)),
        ];
        List<AuditEntry> found = _database.Read(
            $"""
            SELECT cursor, time, agent, agent_path, session, face, tool, arguments, outcome, code, rule, duration_us, watching FROM audit
            WHERE cursor > $after AND ($tool IS NULL OR tool = $tool) AND ($outcome IS NULL OR outcome = $outcome) AND watching <= $watching{which}
            ORDER BY cursor {(after is null ? "DESC" : "ASC")} LIMIT $limit
            """,
            row => new AuditEntry(
                row.GetInt64(0), new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
                row.GetString(7), row.GetString(8), row.GetString(9), row.GetString(10), TimeSpan.FromMicroseconds(row.GetInt64(11))) { Watching = row.GetInt64(12) != 0 },
            parameters);
        if (after is null)
        {
            found.Reverse();
        }

        return found;
    }

    [LoggerMessage(EventId = 63, Level = LogLevel.Error, Message = "{Count} rows of the audit could not be written")]
    private partial void LogNotWritten(Exception failure, int count);

    /// <param name="Reader">Waits until all before it is written; null where it is an entry.</param>
    private readonly record struct Item(AuditEntry? Entry, TaskCompletionSource? Reader);
}
