using System.Text.Json;

namespace Quilt.Core;

/// <summary>JSON may hold half a character (<c>\ud800</c>) or bytes that are no UTF-8. A reader finds that when it asks for the text, which may be late.</summary>
public static class JsonUnicode
{
    /// <param name="json">One value.</param>
    /// <param name="options">What is JSON to its reader. How deep it may be is for whoever reads it to say.</param>
    /// <returns>False where a name or a text in it cannot be read as one.</returns>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool IsWhole(ReadOnlySpan<byte> json, JsonReaderOptions options = default)
    {
        Utf8JsonReader reader = new(json, options with { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    _ = reader.GetString();
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
