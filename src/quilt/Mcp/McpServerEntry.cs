using System.Text.Json.Nodes;

namespace Quilt.Cli;

/// <summary>What a client has to know to start <c>quilt mcp</c>.</summary>
internal sealed record McpServerEntry(string Name, string Command, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>As its entry in a JSON configuration; without an environment where it needs none.</summary>
    internal JsonObject ToJson(bool saysType)
    {
        JsonObject entry = [];
        if (saysType)
        {
            entry["type"] = JsonValue.Create("stdio");
        }

        entry["command"] = JsonValue.Create(Command);
        entry["args"] = new JsonArray([.. Arguments.Select(a => (JsonNode?)JsonValue.Create(a))]);
        if (Environment.Count > 0)
        {
            entry["env"] = new JsonObject(Environment.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)JsonValue.Create(v.Value))));
        }

        return entry;
    }
}
