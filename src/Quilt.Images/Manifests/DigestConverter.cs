using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>Digests in JSON: their text, or an error.</summary>
internal sealed class DigestConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Digest.TryParse(reader.GetString(), out Digest digest)
            ? digest
            : throw new JsonException("not a sha256 digest");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
