using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>A time as RFC 3339 has it.</summary>
internal sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TryGetDateTimeOffset(out DateTimeOffset time)
        ? time
        : throw new ValueException($"'{Text.Printable(reader.GetString() ?? "")}' is no time", "give one as RFC 3339 has it, such as \"2026-01-31T08:30:00Z\"");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
