using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>The events in the database: written with the change that they tell of, in its transaction.</summary>
internal static class EventRows
{
    private const int TrimmedAtOnce = 1024;

    internal static void Append(this Database.Writer writer, DateTimeOffset time, string type, ContainerRecord? container, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        writer.Append(time, type, container, container?.Owner.Agent ?? "", attributes);

    internal static void Append(
        this Database.Writer writer, DateTimeOffset time, string type, ContainerRecord? container, string agent, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Dictionary<string, string> values = [];
        foreach ((string name, string value) in attributes)
        {
            values[name] = value;
        }

        writer.Run(
            "INSERT INTO event (time, type, container, name, agent, attributes) VALUES ($time, $type, $container, $name, $agent, $attributes)",
            ("$time", time.UtcTicks), ("$type", type), ("$container", container?.Id.Value ?? ""), ("$name", container?.Name.Value ?? ""),
            ("$agent", agent), ("$attributes", JsonSerializer.Serialize(values, RecordJson.Default.DictionaryStringString)));
    }

    /// <summary>At most <paramref name="limit"/> of those after the cursor, in order.</summary>
    internal static List<EngineEvent> ReadAfter(Database database, long cursor, string? container, int limit) => database.Read(
        container is null
            ? "SELECT cursor, time, type, container, name, agent, attributes FROM event WHERE cursor > $cursor ORDER BY cursor LIMIT $limit"
            : "SELECT cursor, time, type, container, name, agent, attributes FROM event WHERE container = $container AND cursor > $cursor ORDER BY cursor LIMIT $limit",
        Event,
        container is null ? [("$cursor", cursor), ("$limit", limit)] : [("$cursor", cursor), ("$limit", limit), ("$container", container)]);

    internal static List<EngineEvent> ReadLast(Database database, string container, int count)
    {
        List<EngineEvent> events = database.Read(
            "SELECT cursor, time, type, container, name, agent, attributes FROM event WHERE container = $container ORDER BY cursor DESC LIMIT $count",
            Event, ("$container", container), ("$count", count));
        events.Reverse();
        return events;
    }

    internal static long LastCursor(Database database) =>
        database.Read("SELECT coalesce(max(cursor), 0) FROM event", row => row.GetInt64(0))[0];

    /// <summary>Forgets the oldest beyond a number from now on, whoever appends: many at once, for that costs no more than one.</summary>
    internal static void KeepLast(this Database.Writer writer, int kept) =>
        // Of this connection, the only one that writes. A trigger takes no parameters.
        writer.Run(string.Create(CultureInfo.InvariantCulture, $"""
            CREATE TEMP TRIGGER event_kept AFTER INSERT ON main.event WHEN new.cursor % {TrimmedAtOnce} = 0
            BEGIN DELETE FROM event WHERE cursor <= new.cursor - {kept}; END
            """));

    private static EngineEvent Event(SqliteDataReader row) => new(
        row.GetInt64(0), new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
        JsonSerializer.Deserialize(row.GetString(6), RecordJson.Default.DictionaryStringString)!);
}
