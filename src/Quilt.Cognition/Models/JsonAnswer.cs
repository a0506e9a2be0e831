using System.Text;
using System.Text.Json;

namespace Quilt.Cognition;

/// <summary>Finds the JSON object in what a model wrote: bare, in a code fence, after its thoughts, or between sentences.</summary>
internal static class JsonAnswer
{
    private const int MaxTries = 32;
    private const string ThoughtsEnd = "</think>";
    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    public static bool TryFind(string text, out JsonElement json)
    {
        int thoughts = text.LastIndexOf(ThoughtsEnd, StringComparison.Ordinal);
        byte[] bytes = Encoding.UTF8.GetBytes(thoughts < 0 ? text : text[(thoughts + ThoughtsEnd.Length)..]);
        int start = 0;
        for (int tries = 0; tries < MaxTries; tries++, start++)
        {
            int brace = bytes.AsSpan(start).IndexOf((byte)'{');
            if (brace < 0)
            {
                break;
            }

            start += brace;
            Utf8JsonReader reader = new(bytes.AsSpan(start), Lenient);
            try
            {
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                json = document.RootElement.Clone();
                return true;
            }
            catch (JsonException)
            {
                // A brace in a sentence; the object may come later.
            }
        }

        json = default;
        return false;
    }
}
