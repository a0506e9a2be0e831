using System.Globalization;
using System.Text.Json;

namespace Quilt.Cli;

/// <summary>
/// A part of what a tool answered, for a person's eyes. What is not there reads as empty: a daemon that tells more or less than we
/// know of is no reason to show nothing.
/// </summary>
internal readonly struct ToolAnswer(JsonElement element)
{
    internal JsonElement Json => element;

    internal ToolAnswer this[string name] => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? new ToolAnswer(value) : default;

    internal bool IsThere => element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    internal IEnumerable<ToolAnswer> Items => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Select(e => new ToolAnswer(e)) : [];

    internal IEnumerable<(string Name, ToolAnswer Value)> Fields =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(p => (p.Name, new ToolAnswer(p.Value))) : [];

    /// <summary>A text as it is, a list's texts after each other, all else as JSON.</summary>
    internal string Text => element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.Array => string.Join(", ", Items.Select(i => i.Text)),
        _ => element.GetRawText(),
    };

    /// <summary>A moment, such as <c>3 minutes ago</c> or <c>in 2 hours</c>; the text itself where it is none.</summary>
    internal string When(DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment))
        {
            return Text;
        }

        return moment > now ? $"in {Ago.Span(moment - now)}" : $"{Ago.Span(now - moment)} ago";
    }

    /// <summary>The whole of it, for a program.</summary>
    internal string Indented => element.ValueKind == JsonValueKind.Undefined ? "" : JsonSerializer.Serialize(element, CliJson.Indented.JsonElement);
}
