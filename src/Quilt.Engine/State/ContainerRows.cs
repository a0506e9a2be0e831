using System.Text.Json;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>The containers in the database.</summary>
internal static class ContainerRows
{
    internal static List<ContainerRecord> ReadAll(Database database) => database.Read(
        "SELECT record FROM container",
        row => JsonSerializer.Deserialize(row.GetString(0), RecordJson.Default.ContainerRecord)!);

    internal static void Insert(this Database.Writer writer, ContainerRecord record) => writer.Run(
        "INSERT INTO container (id, agent, name, host_id, record) VALUES ($id, $agent, $name, $hostId, $record)",
        ("$id", record.Id.Value), ("$agent", record.Owner.Agent), ("$name", record.Name.Value), ("$hostId", (long)record.HostIdBase), ("$record", Text(record)));

    internal static void Update(this Database.Writer writer, ContainerRecord record) => writer.Run(
        "UPDATE container SET record = $record, agent = $agent, name = $name WHERE id = $id", ("$record", Text(record)), ("$agent", record.Owner.Agent), ("$name", record.Name.Value), ("$id", record.Id.Value));

    internal static void Delete(this Database.Writer writer, ContainerRecord record) => writer.Run(
        "DELETE FROM container WHERE id = $id", ("$id", record.Id.Value));

    private static string Text(ContainerRecord record) => JsonSerializer.Serialize(record, RecordJson.Default.ContainerRecord);
}
