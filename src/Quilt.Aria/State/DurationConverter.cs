using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Seconds, or a text such as <c>30s</c> or <c>1h30m</c>.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Number
        ? reader.GetDouble() is >= 0 and double seconds && seconds <= DurationText.Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : throw new JsonException("not a duration: give 0 or more seconds")
        : DurationText.TryParse(reader.GetString(), out TimeSpan duration) ? duration : throw new JsonException("not a duration: give seconds, or a text such as \"30s\"");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(DurationText.Format(value));
}
