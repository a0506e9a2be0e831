using System.Text.Json;

namespace Quilt.Oci.Reading;

/// <summary>
/// A document read token by token. Whatever is not as expected is a <see cref="JsonException"/> or an exception of the reader's
/// own; it only has to be one, since <see cref="OciReader"/> then leaves the document to the generated reader.
/// </summary>
public static class JsonReading
{
    public delegate T ItemReader<out T>(ref Utf8JsonReader json);

    /// <summary>To the next name of the object that was entered; false at its end.</summary>
    public static bool NextName(this ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    /// <summary>Into the object that is the next value; false where it is null.</summary>
    public static bool NextObject(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.Is(JsonTokenType.StartObject);
    }

    public static string NextText(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString()!;
    }

    public static bool NextFlag(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetBoolean();
    }

    /// <summary>A whole number; null where null is.</summary>
    public static long? NextNumber(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetInt64();
    }

    public static ulong? NextUnsigned(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetUInt64();
    }

    public static uint? NextUInt(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetUInt32();
    }

    public static ushort? NextUShort(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetUInt16();
    }

    public static int? NextInt(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetInt32();
    }

    /// <summary>A number that must be there.</summary>
    public static T Required<T>(this T? number)
        where T : struct => number ?? throw new JsonException();

    public static string[] NextTexts(this ref Utf8JsonReader json)
    {
        List<string> texts = [];
        for (bool inside = json.NextArray(); inside && json.NextItem();)
        {
            texts.Add(json.GetString()!);
        }

        return [.. texts];
    }

    /// <summary>An array of objects; <paramref name="read"/> begins inside each.</summary>
    public static T[] NextItems<T>(this ref Utf8JsonReader json, ItemReader<T> read)
    {
        List<T> items = [];
        for (bool inside = json.NextArray(); inside && json.NextItem();)
        {
            items.Add(json.Is(JsonTokenType.StartObject) ? read(ref json) : throw new JsonException());
        }

        return [.. items];
    }

    public static Dictionary<string, string> NextTextsByName(this ref Utf8JsonReader json)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        for (bool inside = json.NextObject(); inside && json.NextName();)
        {
            string name = json.GetString()!;
            texts[name] = json.NextText();
        }

        return texts;
    }

    public static bool NextItem(this ref Utf8JsonReader json) => json.Read() && json.TokenType != JsonTokenType.EndArray;

    public static bool NextArray(this ref Utf8JsonReader json)
    {
        json.Read();
        return json.Is(JsonTokenType.StartArray);
    }

    public static void SkipValue(this ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    private static bool Is(this ref Utf8JsonReader json, JsonTokenType opening) =>
        json.TokenType == opening || (json.TokenType == JsonTokenType.Null ? false : throw new JsonException());
}
