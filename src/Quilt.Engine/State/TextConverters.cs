using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Engine;

/// <summary>A value whose text is all of it.</summary>
internal abstract class TextConverter<T>(Func<string, T> parse, Func<T, string> write) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        parse(reader.GetString() ?? throw new JsonException($"null is no {typeof(T).Name}"));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
}

internal sealed class ContainerIdConverter() : TextConverter<ContainerId>(ContainerId.Parse, id => id.Value);

internal sealed class ContainerNameConverter() : TextConverter<ContainerName>(text => ContainerName.Parse(text), name => name.Value);

internal sealed class ImageReferenceConverter() : TextConverter<ImageReference>(text => ImageReference.Parse(text), reference => reference.Canonical);

internal sealed class DigestConverter() : TextConverter<Digest>(Digest.Parse, digest => digest.ToString());
