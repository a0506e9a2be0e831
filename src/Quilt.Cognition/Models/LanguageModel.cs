using Microsoft.Extensions.AI;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>The configured model, asked for answers of a given form.</summary>
/// <param name="config">Null: asking fails and says how to configure one.</param>
public sealed class LanguageModel(ModelConfig? config, ApiKey key) : IDisposable
{
    private readonly HttpClient _http = ProviderHttp.Create();
    private IChatClient? _client;

    /// <exception cref="QuiltException">failed_precondition: no model is configured.</exception>
    public void Require()
    {
        if (config is null)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, "no language model is configured",
                "let the operator set cognition.model (provider openai, anthropic or ollama, model, apiKeyFile) in the daemon's configuration; see docs/cognition.md");
        }
    }

    /// <summary>Asks for JSON of the form's schema; an answer that is malformed is sent back once, with what is wrong with it.</summary>
    /// <param name="instructions">What the model is to do.</param>
    /// <param name="material">What it is to do it with.</param>
    /// <exception cref="QuiltException">No model, the provider's failure, or two malformed answers (unavailable).</exception>
    internal async Task<(T Answer, TokenUsage Usage)> Ask<T>(AnswerForm<T> form, string instructions, string material, CancellationToken cancellation)
        where T : class
    {
        Require();
        _client ??= ChatClientFactory.Create(config!, key, _http);
        List<ChatMessage> messages = [new(ChatRole.System, form.Instructions(instructions)), new(ChatRole.User, material)];
        ChatOptions options = new()
        {
            MaxOutputTokens = config!.MaxOutputTokens,
            Temperature = (float?)config.Temperature,
            ResponseFormat = form.ResponseFormat,
        };
        long input = 0, output = 0;
        string wrong = "";
        for (int attempt = 1; attempt <= 2; attempt++)
        {
            ChatResponse response = await Send(messages, options, cancellation).ConfigureAwait(false);
            input += response.Usage?.InputTokenCount ?? 0;
            output += response.Usage?.OutputTokenCount ?? 0;
            CheckEnd(response);
            if (form.TryRead(response.Text, out T? answer, out wrong))
            {
                return (answer, new TokenUsage { Model = response.ModelId ?? config.Model, InputTokens = input, OutputTokens = output });
            }

            messages.Add(new ChatMessage(ChatRole.Assistant, response.Text.Length > 0 ? response.Text : "(nothing)"));
            messages.Add(new ChatMessage(ChatRole.User, $"That is not usable: {wrong}. Answer again with one JSON object of the given schema and nothing else."));
        }

        throw new QuiltException(ErrorCode.Unavailable, $"the model answered twice in a form that cannot be used: {wrong}",
            "try again with a simpler question, or let the operator configure a model that keeps to JSON schemas");
    }

    public void Dispose()
    {
        _client?.Dispose();
        _http.Dispose();
    }

    private async Task<ChatResponse> Send(List<ChatMessage> messages, ChatOptions options, CancellationToken cancellation)
    {
        ProviderFailure failure = new($"the model provider ({ProviderNames.Of(config!.Provider)})", "cognition.model", key);
        return await failure.Guard(TimeSpan.FromSeconds(config.TimeoutSeconds), async limited =>
        {
            try
            {
                return await _client!.GetResponseAsync(messages, options, limited).ConfigureAwait(false);
            }
            catch (Exception e) when (options.ResponseFormat is not null && ProviderException.In(e)?.Status is System.Net.HttpStatusCode.BadRequest or System.Net.HttpStatusCode.UnprocessableEntity)
            {
                // Compatible servers and older models know no schemas: the instructions hold it too.
                options.ResponseFormat = null;
                return await _client!.GetResponseAsync(messages, options, limited).ConfigureAwait(false);
            }
        }, cancellation).ConfigureAwait(false);
    }

    private static void CheckEnd(ChatResponse response)
    {
        if (response.FinishReason == ChatFinishReason.Length)
        {
            throw new QuiltException(ErrorCode.ResourceExhausted, "the model's answer is longer than the limit of output tokens",
                "ask for less in one call, or let the operator raise cognition.model.maxOutputTokens");
        }

        if (response.FinishReason == ChatFinishReason.ContentFilter)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, "the model provider declines to answer this", "ask in other words, or do without");
        }
    }
}
