using System.Text.Json;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>A tool's arguments as a face got them: some JSON text.</summary>
internal static class ToolArguments
{
    private const int DeepestNesting = 32;

    /// <exception cref="QuiltException">InvalidArgument: no JSON.</exception>
    internal static JsonElement Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            return text.IsEmpty ? JsonElement.Parse("{}") : JsonElement.Parse(text.Span, new JsonDocumentOptions { MaxDepth = DeepestNesting });
        }
        catch (JsonException e)
        {
            throw QuiltException.Invalid("arguments", $"the arguments are no JSON: {e.Message}", "give a JSON object, such as {\"container\": \"web\"}");
        }
    }

    internal static JsonElement Parse(string text) => Parse(System.Text.Encoding.UTF8.GetBytes(text));
}
