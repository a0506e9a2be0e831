using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Quilt.Daemon.Tests;

/// <summary>A call of the guide: <c>[as $token|in $session] tool {arguments} [=> {a part of the result} | error code]</c>; the expectation may be on a line of its own.</summary>
/// <param name="Line">In docs/guide.md, from 1.</param>
internal sealed partial record GuideCall(int Line, string? As, string? In, string Tool, JsonNode Arguments, JsonNode? Expected, string? Error)
{
    /// <exception cref="FormatException">It is not of that form.</exception>
    internal static GuideCall Parse(int line, string text)
    {
        Match match = Form().Match(text);
        if (!match.Success)
        {
            throw new FormatException($"line {line} is no call: {text}");
        }

        (JsonNode arguments, string rest) = First(match.Groups["rest"].Value);
        GuideCall call = new(line, Named(match, "as"), Named(match, "in"), match.Groups["tool"].Value, arguments, null, null);
        return rest.Trim().Length == 0 ? call : call.Expecting(rest.Trim());
    }

    internal GuideCall Expecting(string text)
    {
        string expected = text.StartsWith("=> ", StringComparison.Ordinal) && Expected is null && Error is null ? text[3..] : throw new FormatException($"line {Line}: no expectation: {text}");
        return expected.StartsWith("error ", StringComparison.Ordinal) ? this with { Error = expected["error ".Length..] } : this with { Expected = JsonNode.Parse(expected)! };
    }

    private static string? Named(Match match, string group) => match.Groups[group] is { Success: true } found ? found.Value : null;

    /// <summary>A JSON value at the beginning of a text, and what follows.</summary>
    private static (JsonNode Json, string After) First(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Utf8JsonReader reader = new(bytes, new JsonReaderOptions { AllowMultipleValues = true });
        JsonNode json = JsonNode.Parse(ref reader)!;
        return (json, Encoding.UTF8.GetString(bytes.AsSpan((int)reader.BytesConsumed)));
    }

    [GeneratedRegex(@"\A(as (?<as>\$\w+) |in (?<in>\$\w+) )?(?<tool>\w+) (?<rest>\{.*)\z")]
    private static partial Regex Form();
}

/// <summary>A fenced block of the guide: calls, one after another, and the values that they hand on.</summary>
internal sealed record GuideExample(int Line, string Heading, IReadOnlyList<GuideCall> Calls)
{
    private const string Fence = "```";

    internal static IReadOnlyList<GuideExample> ReadAll(string guide)
    {
        List<GuideExample> examples = [];
        List<GuideCall>? calls = null;
        (int line, int begin, string heading) = (0, 0, "");
        foreach (string text in guide.Split('\n'))
        {
            line++;
            if (calls is null)
            {
                heading = text.StartsWith("## ", StringComparison.Ordinal) ? text[3..] : heading;
                if (text == Fence + "quilt")
                {
                    (calls, begin) = ([], line);
                }
            }
            else if (text == Fence)
            {
                examples.Add(new GuideExample(begin, heading, calls));
                calls = null;
            }
            else if (text.StartsWith("=> ", StringComparison.Ordinal))
            {
                calls[^1] = calls[^1].Expecting(text);
            }
            else
            {
                calls.Add(GuideCall.Parse(line, text));
            }
        }

        return examples;
    }
}

/// <summary>What <c>$words</c> stand for.</summary>
internal sealed class GuideValues
{
    private readonly Dictionary<string, JsonNode> _values = [];

    internal string Text(string word) => Of(word).GetValue<string>();

    internal JsonNode Fill(JsonNode node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, f.Value is null ? null : Fill(f.Value)))),
        JsonArray items => new JsonArray([.. items.Select(i => i is null ? null : Fill(i))]),
        JsonValue value when IsWord(value) => Of(value.GetValue<string>()).DeepClone(),
        _ => node.DeepClone(),
    };

    /// <summary>An object has at least the fields that are expected, a list just the items; a word that is new takes the value.</summary>
    /// <returns>Where it is otherwise; null: nowhere.</returns>
    internal string? Difference(JsonNode? expected, JsonNode? actual, string path = "result")
    {
        switch (expected)
        {
            case JsonObject fields:
                return actual is not JsonObject has
                    ? Differs(path, expected, actual)
                    : fields.Select(f => Difference(f.Value, has[f.Key], $"{path}.{f.Key}")).FirstOrDefault(d => d is not null);
            case JsonArray items:
                return actual is not JsonArray all || all.Count != items.Count
                    ? Differs(path, expected, actual)
                    : items.Select((item, i) => Difference(item, all[i], $"{path}[{i}]")).FirstOrDefault(d => d is not null);
            case JsonValue value when IsWord(value):
                return actual is null ? Differs(path, expected, actual) : _values.TryAdd(value.GetValue<string>(), actual.DeepClone()) ? null : Difference(Of(value.GetValue<string>()), actual, path);
            default:
                return JsonNode.DeepEquals(expected, actual) ? null : Differs(path, expected, actual);
        }
    }

    private JsonNode Of(string word) => _values.GetValueOrDefault(word) ?? throw new FormatException($"{word} has no value yet");

    private static bool IsWord(JsonValue value) => value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is ['$', _, ..] text && text.Skip(1).All(char.IsAsciiLetterOrDigit);

    private static string Differs(string path, JsonNode? expected, JsonNode? actual) => string.Create(
        CultureInfo.InvariantCulture, $"{path} is {actual?.ToJsonString() ?? "not there"} and should be {expected?.ToJsonString() ?? "null"}");
}
