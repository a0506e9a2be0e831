using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Microsoft.Extensions.AI;
using OllamaSharp;
using OpenAI;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Makes the client of the provider that the operator chose.</summary>
public static class ChatClientFactory
{
    private const string OpenAiEndpoint = "https://api.openai.com/v1", AnthropicEndpoint = "https://api.anthropic.com", OllamaEndpoint = "http://127.0.0.1:11434";

    /// <summary>What a server of our own that wants no key is sent, for the libraries insist on one.</summary>
    private const string NoKey = "none";

    /// <summary>The libraries' own limits lie behind ours, which says what happened the same way for all.</summary>
    private static TimeSpan LibraryTimeout(ModelConfig config) => TimeSpan.FromSeconds(config.TimeoutSeconds + 60);

    /// <param name="http">Repeats and bounds, so that the libraries need not; see <see cref="ProviderHttp"/>.</param>
    /// <param name="setting">Where the model is configured.</param>
    /// <exception cref="QuiltException">failed_precondition: the configuration lacks something.</exception>
    public static IChatClient Create(ModelConfig config, ApiKey key, HttpClient http, string setting = "cognition.model")
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(http);
        return config.Provider switch
        {
            ModelProvider.OpenAi => OpenAi(config, key, http, setting),
            ModelProvider.Anthropic => Anthropic(config, key, http, setting),
            ModelProvider.Ollama => Ollama(config, key, http, setting),
            _ => throw new QuiltException(ErrorCode.FailedPrecondition, $"the operator's {setting}.provider is unknown", "set it to openai, anthropic or ollama"),
        };
    }

    private static IChatClient OpenAi(ModelConfig config, ApiKey key, HttpClient http, string setting)
    {
        OpenAIClientOptions options = new()
        {
            Endpoint = Endpoint(config, OpenAiEndpoint, setting),
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = LibraryTimeout(config),
        };
        string credential = key.Value ?? (config.Endpoint is null ? throw KeyNeeded(config, setting) : NoKey);
        return new OpenAIClient(new ApiKeyCredential(credential), options).GetChatClient(config.Model).AsIChatClient();
    }

    private static IChatClient Anthropic(ModelConfig config, ApiKey key, HttpClient http, string setting)
    {
        if (config.Temperature is not null)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, "the model provider (anthropic) takes no temperature", $"let the operator remove {setting}.temperature");
        }

        AnthropicClient client = new()
        {
            ApiKey = key.Value ?? (config.Endpoint is null ? throw KeyNeeded(config, setting) : NoKey),
            BaseUrl = Endpoint(config, AnthropicEndpoint, setting).ToString().TrimEnd('/'),
            HttpClient = http,
            MaxRetries = 0,
            Timeout = LibraryTimeout(config),
        };
        return client.AsIChatClient(config.Model, config.MaxOutputTokens);
    }

    private static OllamaApiClient Ollama(ModelConfig config, ApiKey key, HttpClient http, string setting)
    {
        http.BaseAddress = Endpoint(config, OllamaEndpoint, setting);
        if (key.Value is { } value)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", value);
        }

        return new OllamaApiClient(http, config.Model);
    }

    private static Uri Endpoint(ModelConfig config, string fallback, string setting) => ProviderHttp.Endpoint(config.Endpoint, fallback, setting + ".endpoint");

    private static QuiltException KeyNeeded(ModelConfig config, string setting) => new(ErrorCode.FailedPrecondition,
        $"the model provider ({ProviderNames.Of(config.Provider)}) needs an API key and none is configured",
        $"let the operator set {setting}.apiKeyFile or {setting}.apiKeyEnv in the daemon's configuration");
}
