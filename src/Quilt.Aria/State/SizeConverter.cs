using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Bytes, or a text such as <c>512MiB</c>.</summary>
internal sealed class SizeConverter : JsonConverter<ByteSize>
{
    public override ByteSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Number
        ? new ByteSize(reader.GetInt64())
        : reader.GetString() is var text && ByteSize.TryParse(text, out ByteSize size) ? size : throw new ValueException($"'{Text.Printable(text ?? "")}' is no size", "give bytes, or a text such as \"512MiB\"");

    public override void Write(Utf8JsonWriter writer, ByteSize value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Bytes);
}
