using System.Text;
using System.Text.Json;

namespace Quilt.Build;

/// <summary>The exec form of a command or of paths: a JSON list of strings.</summary>
internal static class ExecForm
{
    /// <summary>Null where the text is no such list; it is then read as plain text, as Docker does.</summary>
    internal static IReadOnlyList<string>? TryRead(string text)
    {
        if (!text.StartsWith('['))
        {
            return null;
        }

        try
        {
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(text));
            List<string> words = [];
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                words.Add(reader.GetString()!);
            }

            return reader.TokenType == JsonTokenType.EndArray && !reader.Read() && !words.Exists(w => w.Contains('\0', StringComparison.Ordinal)) ? words : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            return null;
        }
    }
}
