using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>A schema that <see cref="SchemaWriter"/> wrote, ready to check arguments: what is wrong is named with its remedy.</summary>
public sealed class Schema
{
    private const int LongestShown = 80;
    private readonly string[] _types, _required, _allowed;
    private readonly Dictionary<string, Schema>? _properties;
    private readonly Schema? _others, _items;
    private readonly double? _minimum, _maximum;
    private readonly int? _minLength, _maxLength, _minItems, _maxItems;

    internal Schema(JsonObject schema)
    {
        _types = schema["type"] switch { JsonArray several => [.. several.Select(t => t!.GetValue<string>())], JsonValue one => [one.GetValue<string>()], _ => [] };
        _required = schema["required"] is JsonArray required ? [.. required.Select(r => r!.GetValue<string>())] : [];
        _allowed = schema["enum"] is JsonArray allowed ? [.. allowed.Select(v => v!.GetValue<string>())] : [];
        _properties = (schema["properties"] as JsonObject)?.ToDictionary(p => p.Key, p => new Schema((JsonObject)p.Value!), StringComparer.Ordinal);
        _others = schema["additionalProperties"] is JsonObject others ? new Schema(others) : null;
        _items = schema["items"] is JsonObject items ? new Schema(items) : null;
        (_minimum, _maximum) = ((double?)schema["minimum"], (double?)schema["maximum"]);
        (_minLength, _maxLength, _minItems, _maxItems) = ((int?)schema["minLength"], (int?)schema["maxLength"], (int?)schema["minItems"], (int?)schema["maxItems"]);
        IsSensitive = (bool?)schema[SchemaWriter.Sensitive] ?? false;
    }

    internal bool IsSensitive { get; }

    internal Schema? Property(string name) => _properties?.GetValueOrDefault(name) ?? _others;

    internal Schema? Items => _items;

    /// <exception cref="QuiltException">InvalidArgument: the argument, its value, and what would be right.</exception>
    internal void Check(JsonElement arguments)
    {
        RequireText(arguments);
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            throw QuiltException.Invalid("arguments", $"the arguments are no JSON object: {Show(arguments)}", "give an object, such as {\"container\": \"web\"}");
        }

        Check(arguments, "");
    }

    /// <summary>An object with another property.</summary>
    internal static JsonElement With(JsonElement arguments, string name, string value)
    {
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            return arguments;
        }

        RequireText(arguments);
        JsonObject copy = JsonObject.Create(arguments)!;
        try
        {
            copy[name] = value;
        }
        catch (ArgumentException)
        {
            throw QuiltException.Invalid("arguments", "the arguments name something twice", "give each once");
        }

        return JsonSerializer.SerializeToElement(copy, AriaJson.Default.JsonObject);
    }

    /// <summary>An object without a property that is every tool's and so in none's type.</summary>
    internal static JsonElement Without(JsonElement arguments, string name)
    {
        if (!arguments.TryGetProperty(name, out _))
        {
            return arguments;
        }

        JsonObject copy = JsonObject.Create(arguments)!;
        copy.Remove(name);
        return JsonSerializer.SerializeToElement(copy, AriaJson.Default.JsonObject);
    }

    private static void RequireText(JsonElement arguments)
    {
        if (!JsonUnicode.IsWhole(JsonMarshal.GetRawUtf8Value(arguments)))
        {
            throw QuiltException.Invalid("arguments", "the arguments hold half a character (such as \\ud800 alone)", "give Unicode text; bytes go as base64 where a tool takes them");
        }
    }

    private void Check(JsonElement value, string path)
    {
        if (_types.Length > 0 && !_types.Any(t => Is(value, t)))
        {
            throw QuiltException.Invalid(path, $"{path} is {Article(Kind(value))}: {Show(value)}", $"give {string.Join(" or ", _types.Select(Article))}");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(value, path);
                break;
            case JsonValueKind.Array:
                CheckArray(value, path);
                break;
            case JsonValueKind.String:
                CheckText(value.GetString()!, path);
                break;
            case JsonValueKind.Number when value.GetDouble() is var number && (number < _minimum || number > _maximum):
                throw QuiltException.Invalid(path, $"{path} {Show(value)} is out of bounds", _maximum >= long.MaxValue ? $"give {Text(_minimum)} or more" : $"give {Text(_minimum)} to {Text(_maximum)}");
        }
    }

    private void CheckObject(JsonElement value, string path)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            Schema known = Property(property.Name) ?? (_properties is null ? Anything : throw Unknown(property.Name, name));
            if (!seen.Add(property.Name))
            {
                throw QuiltException.Invalid(name, $"{name} is given twice", "give it once");
            }

            // Null is as if it were left out, where what is left out has a meaning: not in a table of names and values.
            if (property.Value.ValueKind != JsonValueKind.Null || known == _others)
            {
                known.Check(property.Value, name);
            }
        }

        if (_required.FirstOrDefault(r => !value.TryGetProperty(r, out JsonElement given) || given.ValueKind == JsonValueKind.Null) is { } missing)
        {
            string name = path.Length == 0 ? missing : $"{path}.{missing}";
            throw QuiltException.Invalid(name, $"{name} is missing", "give it: it is required");
        }
    }

    private QuiltException Unknown(string name, string path)
    {
        string? near = _properties!.Keys.Select(k => (Name: k, Distance: EditDistance(k, name))).Where(k => k.Distance <= Math.Max(2, k.Name.Length / 3)).OrderBy(k => k.Distance).Select(k => k.Name).FirstOrDefault();
        string shown = Shorten(path);
        return QuiltException.Invalid(shown, $"there is no argument '{shown}'", near is not null ? $"did you mean '{near}'?" : _properties.Count == 0 ? "leave it out: there are no arguments" : $"use one of {string.Join(", ", _properties.Keys)}");
    }

    private void CheckArray(JsonElement value, string path)
    {
        int count = value.GetArrayLength();
        if (count < _minItems || count > _maxItems)
        {
            throw QuiltException.Invalid(path, $"{path} has {count} items", $"give {Text(_minItems ?? 0)} to {Text(_maxItems)}");
        }

        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            _items?.Check(item, $"{path}[{index++}]");
        }
    }

    private void CheckText(string text, string path)
    {
        if (_allowed.Length > 0 && !_allowed.Contains(text))
        {
            throw QuiltException.Invalid(path, $"{path} '{Shorten(text)}' is unknown", $"use {string.Join(", ", _allowed)}");
        }

        if (text.Length < _minLength || text.Length > _maxLength)
        {
            throw QuiltException.Invalid(path, $"{path} has {text.Length} characters", $"give {Text(_minLength ?? 0)} to {Text(_maxLength)}");
        }
    }

    private static Schema Anything { get; } = new([]);

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => true,
    };

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    private static string Article(string type) => type switch { "null" => "null", "object" or "array" or "integer" => $"an {type}", _ => $"a {type}" };

    private static string Text(double? number) => number is { } n ? n.ToString("0.###", CultureInfo.InvariantCulture) : "any number";

    private static string Show(JsonElement value) => Shorten(value.GetRawText());

    private static string Shorten(string text) => text.Length > LongestShown ? text[..LongestShown] + "…" : text;

    private static int EditDistance(string a, string b)
    {
        if (b.Length > LongestShown)
        {
            return int.MaxValue;
        }

        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int before = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                (before, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, before + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1)));
            }
        }

        return row[b.Length];
    }
}
