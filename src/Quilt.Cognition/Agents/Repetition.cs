using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Quilt.Cognition;

/// <summary>Notices a model that goes in circles: one call, with the same arguments and the same result, over and over.</summary>
internal static class Repetition
{
    internal const int Often = 3;

    /// <returns>The tool that was called so; null: none.</returns>
    internal static string? Find(IEnumerable<ChatMessage> conversation)
    {
        Dictionary<string, FunctionCallContent> calls = new(StringComparer.Ordinal);
        List<(string Tool, JsonNode Arguments, JsonNode? Result)> last = [];
        foreach (AIContent content in conversation.SelectMany(m => m.Contents))
        {
            switch (content)
            {
                case FunctionCallContent call:
                    calls[call.CallId] = call;
                    break;
                case FunctionResultContent answer when calls.TryGetValue(answer.CallId, out FunctionCallContent? called):
                    last.Add((called.Name, ContentJson.Arguments(called), WithoutTimes(ContentJson.Result(answer.Result))));
                    break;
                default:
                    break;
            }
        }

        if (last.Count < Often)
        {
            return null;
        }

        (string tool, JsonNode arguments, JsonNode? result) = last[^1];
        return last[^Often..].All(c => c.Tool == tool && JsonNode.DeepEquals(c.Arguments, arguments) && JsonNode.DeepEquals(c.Result, result)) ? tool : null;
    }

    /// <summary>How long a call took is no part of what it came to; nor is the id under which output is kept.</summary>
    private static JsonNode? WithoutTimes(JsonNode? result)
    {
        if (result is JsonObject fields)
        {
            fields.Remove("durationMs");
            if (fields.ContainsKey("exitCode"))
            {
                fields.Remove("execId");
            }
        }

        return result;
    }
}

/// <summary>What calls hold, as JSON.</summary>
internal static class ContentJson
{
    internal static JsonObject Arguments(FunctionCallContent call) => new((call.Arguments ?? new Dictionary<string, object?>()).Select(a => KeyValuePair.Create(a.Key, Result(a.Value))));

    /// <returns>A copy.</returns>
    internal static JsonNode? Result(object? value) => value switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        JsonElement element => JsonNode.Parse(element.GetRawText()),
        string text => JsonValue.Create(text),
        _ => JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())),
    };
}
