using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quilt.Cognition;

/// <summary>
/// What is to be told to nobody: tokens, the provider's key, and the values of environment variables. A value is taken out of all that is
/// told after it was learned; what is as short as a word is only taken out of its own place.
/// </summary>
public sealed class Secrets
{
    private const string Hidden = "(redacted)", Sensitive = "x-sensitive";
    private const int Shortest = 4;
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);

    public void Learn(string? secret)
    {
        if (secret is { Length: >= Shortest })
        {
            _values.Add(secret);
        }
    }

    public string Clean(string text)
    {
        foreach (string secret in _values.OrderByDescending(v => v.Length))
        {
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>A copy without what is known to be secret; a <c>token</c> in it becomes known.</summary>
    internal JsonNode? CleanResult(JsonNode? result)
    {
        if (result is JsonObject fields && fields["token"] is JsonValue token && token.TryGetValue(out string? secret))
        {
            Learn(secret);
        }

        return Clean(result);
    }

    /// <summary>A copy without what the tool's schema calls sensitive. The values of an object of that kind, such as <c>env</c>, become known.</summary>
    /// <param name="schema">Null: the tool is unknown, and its arguments may be anything.</param>
    internal JsonObject CleanArguments(JsonObject arguments, JsonElement? schema)
    {
        JsonObject clean = [];
        foreach ((string name, JsonNode? value) in arguments)
        {
            clean[name] = schema is { } known && !IsSensitive(known, name) ? value?.DeepClone() : Hide(value);
        }

        return (JsonObject)Clean(clean)!;
    }

    private static bool IsSensitive(JsonElement schema, string name) => !schema.TryGetProperty("properties", out JsonElement properties)
        || !properties.TryGetProperty(name, out JsonElement property)
        || (property.ValueKind == JsonValueKind.Object && property.TryGetProperty(Sensitive, out JsonElement sensitive) && sensitive.ValueKind == JsonValueKind.True);

    private JsonNode? Hide(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject fields:
                foreach (JsonValue text in fields.Select(f => f.Value).OfType<JsonValue>())
                {
                    Learn(text.TryGetValue(out string? secret) ? secret : null);
                }

                return new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, Hide(f.Value))));
            case null:
                return null;
            default:
                return JsonValue.Create(Hidden);
        }
    }

    private JsonNode? Clean(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, Clean(f.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Clean)]),
        JsonValue value when value.TryGetValue(out string? text) => JsonValue.Create(Clean(text)),
        _ => node?.DeepClone(),
    };
}
