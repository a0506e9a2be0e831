using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>Single values that are to be remembered.</summary>
internal static class Settings
{
    internal static string? Read(Database database, string name) =>
        database.Read("SELECT value FROM setting WHERE name = $name", row => row.GetString(0), ("$name", name)).FirstOrDefault();

    internal static void Set(this Database.Writer writer, string name, string value) => writer.Run(
        "INSERT INTO setting (name, value) VALUES ($name, $value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        ("$name", name), ("$value", value));
}
