using System.Text.Json;

namespace Quilt.Cognition;

/// <summary>Finds the sentence in a provider's error: <c>{"error":{"message"}}</c>, <c>{"error":"…"}</c>, <c>{"detail":{"error"}}</c> or <c>{"message"}</c>.</summary>
internal static class ProviderMessage
{
    private static readonly string[] Names = ["error", "detail", "message"];

    /// <summary>Empty where there is none that we know; a web page is none.</summary>
    public static string Of(ReadOnlySpan<byte> body)
    {
        try
        {
            Utf8JsonReader reader = new(body);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return Find(document.RootElement, depth: 0);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter of half a character in a text.
            return "";
        }
    }

    private static string Find(JsonElement element, int depth)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return element.GetString()!;
        }

        if (element.ValueKind != JsonValueKind.Object || depth > 3)
        {
            return "";
        }

        foreach (string name in Names)
        {
            if (element.TryGetProperty(name, out JsonElement inner) && Find(inner, depth + 1) is { Length: > 0 } found)
            {
                return found;
            }
        }

        return "";
    }
}
