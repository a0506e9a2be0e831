using System.Text;
using System.Text.Json;

namespace Quilt.Cognition;

/// <summary>JSON is checked, told about, and returned as it is.</summary>
internal sealed class JsonFormat : IDocumentFormat
{
    private const int MaxDepth = 256, MaxNames = 50;

    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        string content = TextEncoding.Decode(document, text);
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(content), new JsonReaderOptions { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        int deepest = 0;
        long values = 0;
        List<string> names = [];
        JsonTokenType kind = JsonTokenType.None;
        while (reader.Read())
        {
            kind = kind == JsonTokenType.None ? reader.TokenType : kind;
            deepest = Math.Max(deepest, reader.CurrentDepth);
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.CurrentDepth == 1 && names.Count < MaxNames)
                {
                    names.Add(reader.GetString()!);
                }
            }
            else if (reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
            {
                values++;
            }
        }

        text.Metadata("kind", kind switch { JsonTokenType.StartObject => "object", JsonTokenType.StartArray => "array", _ => "value" });
        text.Metadata("depth", $"{deepest}");
        text.Metadata("values", $"{values}");
        text.Metadata("properties", string.Join(", ", names));
        text.Append(content);
    }
}
