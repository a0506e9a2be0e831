using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>Generated readers and writers of the image documents.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(DigestConverter), typeof(TimestampConverter)])]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageDocument))]
[JsonSerializable(typeof(IReadOnlyList<DockerArchiveItem>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>))]
public sealed partial class ImageJson : JsonSerializerContext
{
    /// <summary>Reads what others wrote.</summary>
    /// <param name="what">For the message, such as <c>manifest</c>.</param>
    /// <exception cref="QuiltException">InvalidArgument where it is not such a document.</exception>
    public static T Read<T>(ReadOnlySpan<byte> content, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            // What we know nothing of is kept unread, and written again: then it is too late to find that it is no text.
            return !JsonUnicode.IsWhole(content)
                ? throw Bad(what, "it holds half a character", null)
                : JsonSerializer.Deserialize(content, type) ?? throw Bad(what, "it is null", null);
        }
        catch (JsonException e)
        {
            throw Bad(what, $"at {Text.Printable(e.Path ?? "$")}, line {e.LineNumber + 1}", e);
        }
    }

    private static QuiltException Bad(string what, string where, Exception? inner) =>
        new(ErrorCode.InvalidArgument, $"the image's {what} is not valid: {where}", "the image is damaged or made wrongly; get it anew or from elsewhere", inner: inner);
}
