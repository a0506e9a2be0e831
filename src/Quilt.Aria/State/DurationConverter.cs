using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Seconds, or a text such as <c>30s</c> or <c>1h30m</c>.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Number
        ? reader.GetDouble() is var seconds && seconds >= 0 && seconds <= DurationText.Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : throw new ValueException($"{seconds} is no duration", $"give 0 to {DurationText.Longest.TotalSeconds} seconds")
        : reader.GetString() is var text && DurationText.TryParse(text, out TimeSpan duration) ? duration : throw new ValueException($"'{Text.Printable(text ?? "")}' is no duration", $"give seconds, or a text such as \"30s\", up to \"{DurationText.Format(DurationText.Longest)}\"");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(DurationText.Format(value));
}
