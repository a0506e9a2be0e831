using System.Text.Json;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>The snapshots in the database.</summary>
internal static class SnapshotRows
{
    internal static List<SnapshotRecord> ReadAll(Database database) => database.Read(
        "SELECT record FROM snapshot",
        row => JsonSerializer.Deserialize(row.GetString(0), RecordJson.Default.SnapshotRecord)!);

    internal static void Insert(this Database.Writer writer, SnapshotRecord record) => writer.Run(
        "INSERT INTO snapshot (id, agent, name, record) VALUES ($id, $agent, $name, $record)",
        ("$id", record.Id), ("$agent", record.Agent), ("$name", record.Name?.Value), ("$record", Text(record)));

    internal static void Update(this Database.Writer writer, SnapshotRecord record) => writer.Run(
        "UPDATE snapshot SET record = $record, name = $name WHERE id = $id", ("$record", Text(record)), ("$name", record.Name?.Value), ("$id", record.Id));

    internal static void Delete(this Database.Writer writer, SnapshotRecord record) => writer.Run(
        "DELETE FROM snapshot WHERE id = $id", ("$id", record.Id));

    private static string Text(SnapshotRecord record) => JsonSerializer.Serialize(record, RecordJson.Default.SnapshotRecord);
}
