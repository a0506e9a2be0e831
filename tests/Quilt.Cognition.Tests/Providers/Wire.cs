using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quilt.Cognition.Tests.Providers;

/// <summary>Answers in the providers' own protocols.</summary>
internal static class Wire
{
    public const string Key = "sk-test-0123456789abcdef";

    public static TheoryData<string> Providers => ["openai", "anthropic", "ollama"];

    public static ModelConfig Config(string provider, string address) => new()
    {
        Provider = provider switch { "openai" => ModelProvider.OpenAi, "anthropic" => ModelProvider.Anthropic, _ => ModelProvider.Ollama },
        Model = "test-model",
        Endpoint = provider == "openai" ? address + "/v1" : address,
        TimeoutSeconds = 20,
        MaxOutputTokens = 1234,
    };

    public static Reply Text(string provider, string text, bool cutOff = false) => Reply.Ok(provider switch
    {
        "openai" => new JsonObject
        {
            ["id"] = "chatcmpl-1", ["object"] = "chat.completion", ["created"] = 1_700_000_000, ["model"] = "test-model-1",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0, ["finish_reason"] = cutOff ? "length" : "stop",
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text, ["refusal"] = null },
            }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 11, ["completion_tokens"] = 7, ["total_tokens"] = 18 },
        }.ToJsonString(),
        "anthropic" => new JsonObject
        {
            ["id"] = "msg_1", ["type"] = "message", ["role"] = "assistant", ["model"] = "test-model-1",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
            ["stop_reason"] = cutOff ? "max_tokens" : "end_turn", ["stop_sequence"] = null,
            ["usage"] = new JsonObject { ["input_tokens"] = 11, ["output_tokens"] = 7 },
        }.ToJsonString(),
        _ => Ollama(text, cutOff),
    });

    /// <summary>An answer of OpenAI's form that calls one tool, or several at once.</summary>
    public static Reply Calls(params (string Tool, string Arguments)[] calls) => Reply.Ok(new JsonObject
    {
        ["id"] = "chatcmpl-1", ["object"] = "chat.completion", ["created"] = 1_700_000_000, ["model"] = "test-model-1",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0, ["finish_reason"] = "tool_calls",
            ["message"] = new JsonObject
            {
                ["role"] = "assistant", ["content"] = null, ["refusal"] = null,
                ["tool_calls"] = new JsonArray([.. calls.Select(c => new JsonObject
                {
                    ["id"] = "call_" + Guid.NewGuid().ToString("N"), ["type"] = "function", ["function"] = new JsonObject { ["name"] = c.Tool, ["arguments"] = c.Arguments },
                })]),
            },
        }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 11, ["completion_tokens"] = 7, ["total_tokens"] = 18 },
    }.ToJsonString());

    /// <summary>A stream of objects, one a line, as Ollama answers where streaming is not turned off; the text in two parts.</summary>
    private static string Ollama(string text, bool cutOff)
    {
        int half = text.Length / 2;
        string[] lines =
        [
            Line(text[..half], done: false), Line(text[half..], done: false),
            new JsonObject
            {
                ["model"] = "test-model-1", ["created_at"] = "2026-01-01T00:00:00Z", ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = "" },
                ["done"] = true, ["done_reason"] = cutOff ? "length" : "stop", ["prompt_eval_count"] = 11, ["eval_count"] = 7,
                ["total_duration"] = 1, ["load_duration"] = 1, ["prompt_eval_duration"] = 1, ["eval_duration"] = 1,
            }.ToJsonString(),
        ];
        return string.Join('\n', lines) + "\n";

        static string Line(string part, bool done) => new JsonObject
        {
            ["model"] = "test-model-1", ["created_at"] = "2026-01-01T00:00:00Z",
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = part }, ["done"] = done,
        }.ToJsonString();
    }

    /// <summary>An error in the provider's form.</summary>
    public static Reply Error(string provider, int status, string message) => Reply.Failure(status, provider switch
    {
        "anthropic" => new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = "api_error", ["message"] = message } }.ToJsonString(),
        "ollama" => new JsonObject { ["error"] = message }.ToJsonString(),
        _ => new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = "error", ["code"] = "code" } }.ToJsonString(),
    });

    public static readonly string Pondered = """{"reasoning":"because","conclusion":"yes","confidence":0.75,"openQuestions":["when?"]}""";

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
