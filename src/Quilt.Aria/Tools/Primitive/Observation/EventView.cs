using System.ComponentModel;
using System.Text.Json;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record EventView
{
    public required long Cursor { get; init; }
    public required DateTimeOffset Time { get; init; }

    [Description("Such as container.exited, session.ended or orphan.detected.")]
    public required string Type { get; init; }

    [Description("The container's id, where it is about one.")]
    public string? Container { get; init; }
    public string? Name { get; init; }
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    public static EventView Of(EngineEvent happened) => new()
    {
        Cursor = happened.Cursor,
        Time = happened.Time,
        Type = happened.Type,
        Container = happened.Container.Length > 0 ? happened.Container : null,
        Name = happened.Name.Length > 0 ? happened.Name : null,
        Attributes = happened.Attributes,
    };

    /// <summary>As the tools' results have it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, AriaJson.Plain.EventView);
}
