using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>The tools of a run: each call is told, with its outcome, before the model hears of it.</summary>
internal sealed class AgentTools(IReadOnlyList<AIFunction> functions, Secrets secrets, Action<AgentEvent> tell)
{
    private readonly Dictionary<string, AIFunction> _functions = functions.ToDictionary(f => f.Name, StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>The arguments without secrets.</summary>
    internal JsonObject Clean(FunctionCallContent call) => secrets.CleanArguments(ContentJson.Arguments(call), _functions.TryGetValue(call.Name, out AIFunction? function) ? function.JsonSchema : null);

    internal async ValueTask<object?> InvokeAsync(FunctionInvocationContext context, CancellationToken cancellation)
    {
        FunctionCallContent call = context.CallContent;
        _told.Add(call.CallId);
        tell(new AgentEvent.Called(call.CallId, call.Name, Clean(call)));
        long began = Stopwatch.GetTimestamp();
        object? result;
        try
        {
            result = await context.Function.InvokeAsync(context.Arguments, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // The model is told of it, as of any other failure.
            result = JsonSerializer.SerializeToElement(new JsonObject { ["code"] = ErrorCode.Internal.WireName(), ["message"] = e.Message, ["remedy"] = "look at what you gave" });
        }

        JsonNode? told = secrets.CleanResult(ContentJson.Result(result));
        tell(new AgentEvent.Answered(call.CallId, call.Name, told, IsError(told), Stopwatch.GetElapsedTime(began)));
        return result;
    }

    /// <summary>Calls of tools that are not there never come to <see cref="InvokeAsync"/>.</summary>
    internal void TellUnknown(IEnumerable<ChatMessage> conversation)
    {
        Dictionary<string, FunctionCallContent> calls = new(StringComparer.Ordinal);
        foreach (AIContent content in conversation.SelectMany(m => m.Contents))
        {
            if (content is FunctionCallContent call)
            {
                calls[call.CallId] = call;
            }
            else if (content is FunctionResultContent result && calls.TryGetValue(result.CallId, out FunctionCallContent? called) && _told.Add(result.CallId))
            {
                tell(new AgentEvent.Called(called.CallId, called.Name, Clean(called)));
                tell(new AgentEvent.Answered(called.CallId, called.Name, secrets.CleanResult(ContentJson.Result(result.Result)), true, TimeSpan.Zero));
            }
        }
    }

    private static bool IsError(JsonNode? result) => result is JsonObject fields && fields.ContainsKey("code") && fields.ContainsKey("message") && fields.ContainsKey("remedy");
}
