using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Rows of the database are read as <see cref="AriaJson"/> reads what is asked for, but what was allowed once has to be read for good: a daemon that cannot does not start.</summary>
internal static class StoredJson
{
    internal static AriaJson Default { get; } = Make();

    private static AriaJson Make()
    {
        JsonSerializerOptions options = new(AriaJson.Default.Options);
        options.Converters.Insert(0, new DurationReader());
        return new AriaJson(options);
    }

    private sealed class DurationReader : JsonConverter<TimeSpan>
    {
        private readonly DurationConverter _asked = new();

        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && DurationText.TryParseStored(reader.GetString(), out TimeSpan duration) ? duration : _asked.Read(ref reader, typeToConvert, options);

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => _asked.Write(writer, value, options);
    }
}
