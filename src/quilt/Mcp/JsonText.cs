using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>
/// A JSON document as text, in which one value is set while every other byte stays: comments, order, numbers as they were written,
/// and whoever's indentation.
/// </summary>
internal sealed class JsonText
{
    private const string DefaultUnit = "  ";
    private readonly bool _comments;
    private byte[] _text;

    /// <param name="comments">Whether comments, and commas after the last value, are the client's JSON too.</param>
    /// <exception cref="JsonException">It is not, and says where.</exception>
    /// <exception cref="QuiltException">Failed precondition: a text in it is no Unicode.</exception>
    internal JsonText(string text, bool comments)
    {
        _comments = comments;
        _text = Encoding.UTF8.GetBytes(string.IsNullOrWhiteSpace(text) ? "{}\n" : text);
        using JsonDocument document = JsonDocument.Parse(_text, new JsonDocumentOptions
        {
            CommentHandling = comments ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow, AllowTrailingCommas = comments,
        });
        if (!JsonUnicode.IsWhole(_text, Options(JsonCommentHandling.Skip)))
        {
            throw Unfit("the document", "holds half a character (such as \\ud800 alone)");
        }
    }

    public override string ToString() => Encoding.UTF8.GetString(_text);

    /// <summary>The value at a path of names; null where there is none.</summary>
    internal JsonElement? Find(params ReadOnlySpan<string> path) => Locate(path) is { } span ? Parse(span) : null;

    /// <summary>Puts a value at a path of names, and makes what is missing of it. What is equal already stays as it is written.</summary>
    /// <exception cref="QuiltException">Failed precondition: something on the path is no object, or a comment stands in what would be replaced.</exception>
    internal void Set(string[] path, JsonNode value)
    {
        JsonSpan at = Root();
        for (int i = 0; i < path.Length; i++)
        {
            if (_text[at.Start] != (byte)'{')
            {
                throw Unfit(i == 0 ? "the document" : $"'{string.Join('.', path[..i])}'", "is no object");
            }

            JsonMembers members = Scan(at);
            if (members.Find(path[i]) is not { } found)
            {
                JsonNode missing = value;
                for (int j = path.Length - 1; j > i; j--)
                {
                    missing = new JsonObject([KeyValuePair.Create(path[j], (JsonNode?)missing)]);
                }

                Insert(members, path[i], missing);
                return;
            }

            at = found;
        }

        Replace(at, path, value);
    }

    private JsonReaderOptions Options(JsonCommentHandling handling) => new() { CommentHandling = _comments ? handling : JsonCommentHandling.Disallow, AllowTrailingCommas = _comments };

    private JsonSpan Root()
    {
        Utf8JsonReader reader = new(_text, Options(JsonCommentHandling.Skip));
        reader.Read();
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new JsonSpan(start, (int)reader.BytesConsumed);
    }

    private JsonSpan? Locate(ReadOnlySpan<string> path)
    {
        JsonSpan at = Root();
        foreach (string name in path)
        {
            if (_text[at.Start] != (byte)'{' || Scan(at).Find(name) is not { } found)
            {
                return null;
            }

            at = found;
        }

        return at;
    }

    private JsonElement Parse(JsonSpan span)
    {
        Utf8JsonReader reader = new(_text.AsSpan(span.Start, span.Length), Options(JsonCommentHandling.Skip));
        return JsonElement.ParseValue(ref reader);
    }

    private JsonMembers Scan(JsonSpan span)
    {
        Utf8JsonReader reader = new(_text.AsSpan(span.Start, span.Length), Options(JsonCommentHandling.Skip));
        reader.Read();
        List<(string Name, JsonSpan Value)> members = [];
        int first = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            first = first < 0 ? span.Start + (int)reader.TokenStartIndex : first;
            string name = reader.GetString()!;
            reader.Read();
            int start = span.Start + (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add((name, new JsonSpan(start, span.Start + (int)reader.BytesConsumed)));
        }

        return new JsonMembers(span, first, members);
    }

    private void Replace(JsonSpan at, string[] path, JsonNode value)
    {
        using JsonDocument wanted = JsonDocument.Parse(value.ToJsonString());
        if (JsonElement.DeepEquals(Parse(at), wanted.RootElement))
        {
            return;
        }

        Utf8JsonReader reader = new(_text.AsSpan(at.Start, at.Length), Options(JsonCommentHandling.Allow));
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Comment)
            {
                throw Unfit($"'{string.Join('.', path)}'", "holds a comment that would be lost");
            }
        }

        Splice(at.Start, at.Length, Render(value, IndentOfLine(at.Start), IsOnOneLine(Root())));
    }

    private void Insert(JsonMembers members, string name, JsonNode value)
    {
        string quoted = JsonValue.Create(name).ToJsonString();
        JsonSpan all = members.Object;
        int close = all.End - 1, content = close;
        while (content > all.Start + 1 && _text[content - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            content--;
        }

        bool hasComma = members.LastEnd is { } after && HasComma(after, close);
        if (members.LastEnd is { } end && IsOnOneLine(all))
        {
            // All on one line, and so is what comes to it.
            string text = $"{quoted}: {Render(value, "", onOneLine: true)}";
            Splice(hasComma ? content : end, 0, hasComma ? $" {text}" : $", {text}");
            return;
        }

        // After whatever stands behind the last value: a comment there is that value's.
        string outer = IndentOfLine(all.Start), inner = members.First >= 0 ? IndentOfLine(members.First) : outer + Unit(), line = NewLine();
        string property = $"{line}{inner}{quoted}: {Render(value, inner, onOneLine: false)}{(hasComma ? "," : "")}";
        bool closesOnItsOwnLine = _text.AsSpan(content, close - content).Contains((byte)'\n');
        Splice(content, closesOnItsOwnLine ? 0 : close - content, property + (closesOnItsOwnLine ? "" : line + outer));
        if (members.LastEnd is { } last && !hasComma)
        {
            Splice(last, 0, ",");
        }
    }

    /// <summary>Whether a comma stands between two places, outside of comments.</summary>
    private bool HasComma(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            if (_text[i] == (byte)',')
            {
                return true;
            }

            if (_text[i] == (byte)'/')
            {
                ReadOnlySpan<byte> rest = _text.AsSpan(i, to - i);
                int end = rest[1] == (byte)'/' ? rest.IndexOf((byte)'\n') : rest[2..].IndexOf("*/"u8) + 3;
                i += end < 0 ? rest.Length : end;
            }
        }

        return false;
    }

    private string Render(JsonNode value, string indent, bool onOneLine)
    {
        string unit = Unit();
        using MemoryStream stream = new();
        JsonWriterOptions options = new()
        {
            Indented = !onOneLine, IndentCharacter = unit[0], IndentSize = unit.Length, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (Utf8JsonWriter writer = new(stream, options))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length).Replace("\n", NewLine() + indent, StringComparison.Ordinal);
    }

    private string NewLine() => _text.AsSpan().IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";

    /// <summary>One step of the document's own indentation.</summary>
    private string Unit()
    {
        JsonSpan root = Root();
        int first = _text[root.Start] == (byte)'{' ? Scan(root).First : -1;
        string unit = first < 0 ? "" : IndentOfLine(first);
        return unit.Length is > 0 and <= 8 && unit.All(c => c == unit[0]) ? unit : DefaultUnit;
    }

    private bool IsOnOneLine(JsonSpan span) => _text.AsSpan(span.Start, span.Length).IndexOf((byte)'\n') < 0;

    /// <summary>The blanks that the line of this place begins with.</summary>
    private string IndentOfLine(int place)
    {
        int begin = _text.AsSpan(0, place).LastIndexOf((byte)'\n') + 1, end = begin;
        while (end < place && _text[end] is (byte)' ' or (byte)'\t')
        {
            end++;
        }

        return Encoding.UTF8.GetString(_text, begin, end - begin);
    }

    private void Splice(int start, int length, string text) => _text = [.. _text.AsSpan(0, start), .. Encoding.UTF8.GetBytes(text), .. _text.AsSpan(start + length)];

    private static QuiltException Unfit(string what, string why) =>
        new(ErrorCode.FailedPrecondition, $"{what} {why}", "see what --print shows, and write it there yourself");

    /// <summary>From a value's first byte to behind its last.</summary>
    private readonly record struct JsonSpan(int Start, int End)
    {
        internal int Length => End - Start;
    }

    /// <summary>The members of an object.</summary>
    /// <param name="First">Where the first one's name begins; -1 where there is none.</param>
    private sealed record JsonMembers(JsonSpan Object, int First, List<(string Name, JsonSpan Value)> All)
    {
        /// <summary>Of several with one name the last counts, as it does for who reads it.</summary>
        internal JsonSpan? Find(string name) => All.FindLastIndex(m => m.Name == name) is var i and >= 0 ? All[i].Value : null;

        internal int? LastEnd => All.Count == 0 ? null : All[^1].Value.End;
    }
}
