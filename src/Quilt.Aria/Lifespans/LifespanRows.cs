using System.Text.Json;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>Sessions and tasks in the database.</summary>
internal static class LifespanRows
{
    internal static List<Lifespan> ReadAll(Database database) =>
        database.Read("SELECT record FROM lifespan", row => JsonSerializer.Deserialize(row.GetString(0), StoredJson.Default.Lifespan)!);

    internal static void Put(this Database.Writer writer, Lifespan lifespan) => writer.Run(
        "INSERT INTO lifespan (id, agent, record) VALUES ($id, $agent, $record) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
        ("$id", lifespan.Id), ("$agent", lifespan.Agent), ("$record", JsonSerializer.Serialize(lifespan, AriaJson.Default.Lifespan)));

    internal static void Delete(this Database.Writer writer, Lifespan lifespan) => writer.Run("DELETE FROM lifespan WHERE id = $id", ("$id", lifespan.Id));
}
