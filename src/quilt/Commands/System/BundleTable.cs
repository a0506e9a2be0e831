using System.Text.Json.Nodes;

namespace Quilt.Cli;

/// <summary>A file of a support bundle: what a tool lists, field by field, so that nothing goes in that nobody looked at.</summary>
/// <param name="List">The result's property that has the rows.</param>
/// <param name="Fields">Those that hold no secret.</param>
internal sealed record BundleTable(string File, string Tool, string List, string[] Fields)
{
    internal JsonObject Arguments { get; } = [];

    /// <summary>A part of each row that has the fields; null: the row itself.</summary>
    internal string? Within { get; init; }

    /// <summary>One answer of the tool may not be all: it takes a limit and a cursor, and the newest come last.</summary>
    internal bool IsPaged { get; init; }

    internal string Line(ToolAnswer row)
    {
        ToolAnswer from = Within is null ? row : row[Within];
        return new JsonObject(Fields.Where(f => from[f].IsThere).Select(f => KeyValuePair.Create(f, JsonNode.Parse(from[f].Json.GetRawText())))).ToJsonString() + '\n';
    }
}
