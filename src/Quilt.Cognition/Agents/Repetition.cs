using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Notices a model that goes in circles: one call, with the same arguments and the same result, over and over. One that waits does not.</summary>
internal static class Repetition
{
    internal const int Often = 3;

    /// <returns>The tool that was called so; null: none.</returns>
    internal static string? Find(IEnumerable<ChatMessage> conversation)
    {
        Dictionary<string, FunctionCallContent> calls = new(StringComparer.Ordinal);
        List<(FunctionCallContent Call, FunctionResultContent Answer)> all = [];
        foreach (AIContent content in conversation.SelectMany(m => m.Contents))
        {
            switch (content)
            {
                case FunctionCallContent call:
                    calls[call.CallId] = call;
                    break;
                case FunctionResultContent answer when calls.TryGetValue(answer.CallId, out FunctionCallContent? called):
                    all.Add((called, answer));
                    break;
                default:
                    break;
            }
        }

        if (all.Count < Often || all[^Often..].Any(c => c.Call.Name != all[^1].Call.Name))
        {
            return null;
        }

        (JsonNode Arguments, JsonNode? Result)[] last = [.. all[^Often..].Select(c => (ContentJson.Arguments(c.Call), WithoutTimes(ContentJson.Result(c.Answer.Result))))];
        return last.All(c => !IsWait(c.Result) && JsonNode.DeepEquals(c.Arguments, last[0].Arguments) && JsonNode.DeepEquals(c.Result, last[0].Result)) ? all[^1].Call.Name : null;
    }

    /// <summary>What was waited for has not come yet, or the command that was asked for runs on.</summary>
    private static bool IsWait(JsonNode? result) => result is JsonObject fields
        && (Is(fields["code"], ErrorCode.DeadlineExceeded.WireName()) || (fields["exec"] is JsonObject exec && Is(exec["running"], true)));

    private static bool Is<T>(JsonNode? node, T expected) => node is JsonValue value && value.TryGetValue(out T? actual) && expected!.Equals(actual);

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
