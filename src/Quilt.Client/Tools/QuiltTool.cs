using System.Text.Json;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>A tool that the caller may use.</summary>
public sealed record QuiltTool
{
    public required string Name { get; init; }
    public required string Title { get; init; }

    /// <summary>For a model: what it does, when to use it, what it costs and changes.</summary>
    public required string Description { get; init; }

    /// <summary><c>primitive</c> or <c>cognitive</c>.</summary>
    public required string Scope { get; init; }

    /// <summary><c>safe</c>, <c>limited</c>, <c>elevated</c> or <c>dangerous</c>.</summary>
    public required string Level { get; init; }

    /// <summary>The JSON Schema of its arguments.</summary>
    public required JsonElement InputSchema { get; init; }

    /// <summary>The JSON Schema of its result; null where it has none.</summary>
    public required JsonElement? OutputSchema { get; init; }
    public required bool ReadOnly { get; init; }
    public required bool Destructive { get; init; }
    public required bool Idempotent { get; init; }
    public required bool OpenWorld { get; init; }

    internal static QuiltTool Of(Wire.ToolInfo tool) => new()
    {
        Name = tool.Name,
        Title = tool.Title,
        Description = tool.Description,
        Scope = tool.Scope,
        Level = tool.Level,
        InputSchema = Parse(tool.InputSchema.Length == 0 ? """{"type":"object"}""" : tool.InputSchema),
        OutputSchema = tool.OutputSchema.Length == 0 ? null : Parse(tool.OutputSchema),
        ReadOnly = tool.ReadOnly,
        Destructive = tool.Destructive,
        Idempotent = tool.Idempotent,
        OpenWorld = tool.OpenWorld,
    };

    private static JsonElement Parse(string json) => JsonSerializer.Deserialize(json, ClientJson.Default.JsonElement);
}
