using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>Every call there was, in order. The database itself refuses to change a row.</summary>
public sealed class AuditLog
{
    private readonly Database _database;

    /// <param name="kept">The youngest so many are kept.</param>
    internal AuditLog(Database database, long kept)
    {
        _database = database;
        long last = database.Read("SELECT coalesce(max(cursor), 0) FROM audit", row => row.GetInt64(0))[0];
        database.Write(writer =>
        {
            writer.Run(
                "INSERT INTO setting (name, value) VALUES ('audit_trimmed_to', $to) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                ("$to", Math.Max(0, last - kept).ToString(System.Globalization.CultureInfo.InvariantCulture)));
            writer.Run("DELETE FROM audit WHERE cursor <= $to", ("$to", last - kept));
        });
    }

    internal void Append(AuditEntry entry) => _database.Write(writer => writer.Run(
        """
        INSERT INTO audit (time, agent, agent_path, session, face, tool, arguments, outcome, code, rule, duration_us)
        VALUES ($time, $agent, $agentPath, $session, $face, $tool, $arguments, $outcome, $code, $rule, $duration)
        """,
        ("$time", entry.Time.UtcTicks), ("$agent", entry.Agent), ("$agentPath", entry.AgentPath), ("$session", entry.Session), ("$face", entry.Face), ("$tool", entry.Tool),
        ("$arguments", entry.Arguments), ("$outcome", entry.Outcome), ("$code", entry.Code), ("$rule", entry.Rule), ("$duration", (long)entry.Duration.TotalMicroseconds)));

    /// <summary>Those after a cursor that match, in order; without a cursor, the last of them.</summary>
    /// <param name="agents">Of these alone, by their ids; null is all.</param>
    public IReadOnlyList<AuditEntry> Read(long? after, IReadOnlyCollection<string>? agents, string? tool, string? outcome, int limit)
    {
        string which = agents is null ? "" : $" AND agent IN ({string.Join(", ", agents.Select((_, i) => $"$a{i}"))})";
        (string, object?)[] parameters =
        [
            ("$after", after ?? 0), ("$tool", tool), ("$outcome", outcome), ("$limit", limit), .. (agents ?? []).Select((a, i) => ($"$a{i}", (object?)a)),
        ];
        List<AuditEntry> found = _database.Read(
            $"""
            SELECT cursor, time, agent, agent_path, session, face, tool, arguments, outcome, code, rule, duration_us FROM audit
            WHERE cursor > $after AND ($tool IS NULL OR tool = $tool) AND ($outcome IS NULL OR outcome = $outcome){which}
            ORDER BY cursor {(after is null ? "DESC" : "ASC")} LIMIT $limit
            """,
            row => new AuditEntry(
                row.GetInt64(0), new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
                row.GetString(7), row.GetString(8), row.GetString(9), row.GetString(10), TimeSpan.FromMicroseconds(row.GetInt64(11))),
            parameters);
        if (after is null)
        {
            found.Reverse();
        }

        return found;
    }
}
