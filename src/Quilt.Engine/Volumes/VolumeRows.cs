using System.Text.Json;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>The volumes in the database.</summary>
internal static class VolumeRows
{
    internal static List<Volume> ReadAll(Database database) => database.Read(
        "SELECT record FROM volume", row => JsonSerializer.Deserialize(row.GetString(0), RecordJson.Default.Volume)!);

    internal static void Insert(this Database.Writer writer, Volume volume) => writer.Run(
        "INSERT INTO volume (id, agent, name, record) VALUES ($id, $agent, $name, $record)",
        ("$id", volume.Id), ("$agent", volume.Owner), ("$name", volume.Name), ("$record", JsonSerializer.Serialize(volume, RecordJson.Default.Volume)));

    internal static void Delete(this Database.Writer writer, Volume volume) => writer.Run("DELETE FROM volume WHERE id = $id", ("$id", volume.Id));
}
