using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Arguments as the audit keeps them: what may be secret is told by its name and length alone, what is long by its beginning.</summary>
public static class Redaction
{
    private const int LongestText = 512, MostItems = 64, LongestOfAll = 8192;

    public static string Redact(JsonElement arguments, Schema? schema)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(arguments);
        if (!JsonUnicode.IsWhole(raw))
        {
            return $$"""{"(left out)":"{{raw.Length}} bytes of arguments that are no text"}""";
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, arguments, schema, secret: schema is null);
        }

        return buffer.WrittenCount <= LongestOfAll ? Encoding.UTF8.GetString(buffer.WrittenSpan) : $$"""{"(left out)":"{{buffer.WrittenCount}} bytes of arguments"}""";
    }

    /// <param name="secret">What no schema knows may be anything.</param>
    private static void Write(Utf8JsonWriter writer, JsonElement value, Schema? schema, bool secret)
    {
        secret |= schema?.IsSensitive ?? false;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty property in value.EnumerateObject().Take(MostItems))
                {
                    Schema? known = schema?.Property(property.Name);
                    writer.WritePropertyName(property.Name.Length > LongestText ? property.Name[..LongestText] : property.Name);
                    Write(writer, property.Value, known, secret || (schema is not null && known is null));
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in value.EnumerateArray().Take(MostItems))
                {
                    Write(writer, item, schema?.Items, secret);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when secret:
                writer.WriteStringValue($"(redacted, {value.GetString()!.Length} characters)");
                break;
            case JsonValueKind.String when value.GetString() is { Length: > LongestText } text:
                writer.WriteStringValue($"{text[..LongestText]}… ({text.Length} characters)");
                break;
            case JsonValueKind.Number when secret:
                writer.WriteStringValue("(redacted)");
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
