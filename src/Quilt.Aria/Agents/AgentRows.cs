using System.Text.Json;
using Quilt.Storage;

namespace Quilt.Aria;

/// <summary>The agents in the database.</summary>
internal static class AgentRows
{
    internal sealed record Row(string Id, string Parent, string Name, AgentConfig Config, DateTimeOffset CreatedAt, bool Removing);

    internal static List<Row> ReadAll(Database database) => database.Read(
        "SELECT id, parent, name, config, created_at, removing FROM agent",
        row => new Row(
            row.GetString(0), row.GetString(1), row.GetString(2), JsonSerializer.Deserialize(row.GetString(3), StoredJson.Default.AgentConfig)!,
            new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero), row.GetInt64(5) != 0));

    internal static void Insert(this Database.Writer writer, Agent agent) => writer.Run(
        "INSERT INTO agent (id, parent, name, config, created_at, removing) VALUES ($id, $parent, $name, $config, $createdAt, 0)",
        ("$id", agent.Id), ("$parent", agent.Parent!.Id), ("$name", agent.Name), ("$config", JsonSerializer.Serialize(agent.Config, AriaJson.Default.AgentConfig)),
        ("$createdAt", agent.CreatedAt.UtcTicks));

    internal static void SetRemoving(this Database.Writer writer, Agent agent) => writer.Run("UPDATE agent SET removing = 1 WHERE id = $id", ("$id", agent.Id));

    internal static void Delete(this Database.Writer writer, Agent agent)
    {
        writer.Run("DELETE FROM token WHERE agent = $id", ("$id", agent.Id));
        writer.Run("DELETE FROM idempotency WHERE agent = $id", ("$id", agent.Id));
        writer.Run("DELETE FROM lifespan WHERE agent = $id", ("$id", agent.Id));
        writer.Run("DELETE FROM agent WHERE id = $id", ("$id", agent.Id));
    }
}
