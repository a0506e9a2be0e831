using System.Text.Json.Serialization;

namespace Quilt.Cognition;

/// <summary>The wire protocols that model providers speak.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelProvider>))]
public enum ModelProvider
{
    /// <summary>OpenAI's chat completions, and every server compatible with them.</summary>
    [JsonStringEnumMemberName("openai")]
    OpenAi,

    /// <summary>Anthropic's messages.</summary>
    [JsonStringEnumMemberName("anthropic")]
    Anthropic,

    /// <summary>Ollama's chat.</summary>
    [JsonStringEnumMemberName("ollama")]
    Ollama,
}

/// <summary>The language model that the tools ask.</summary>
public sealed record ModelConfig
{
    public required ModelProvider Provider { get; init; }

    /// <summary>The provider's model id.</summary>
    public required string Model { get; init; }

    /// <summary>The base address, http or https; null is the provider's own (for Ollama http://127.0.0.1:11434).</summary>
    public string? Endpoint { get; init; }

    /// <summary>The file whose content is the API key; absolute.</summary>
    public string? ApiKeyFile { get; init; }

    /// <summary>The environment variable that holds the API key; in the environment of whoever starts the tools.</summary>
    public string? ApiKeyEnv { get; init; }

    /// <summary>The longest answer, tokens.</summary>
    public int MaxOutputTokens { get; set; } = 8_192;

    /// <summary>From 0 to 2; null leaves it to the provider. Anthropic's protocol has none since 2026-10-21.</summary>
    public double? Temperature { get; init; }

    /// <summary>How long one request may take, seconds.</summary>
    public int TimeoutSeconds { get; set; } = 180;
}
