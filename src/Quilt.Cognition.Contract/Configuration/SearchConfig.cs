using System.Text.Json.Serialization;

namespace Quilt.Cognition;

/// <summary>The search providers that are known.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SearchProvider>))]
public enum SearchProvider
{
    /// <summary>A SearXNG instance with its JSON format enabled; needs an endpoint and no key.</summary>
    [JsonStringEnumMemberName("searxng")]
    SearXng,

    [JsonStringEnumMemberName("brave")]
    Brave,

    [JsonStringEnumMemberName("tavily")]
    Tavily,
}

/// <summary>The search provider that webSearchTool asks.</summary>
public sealed record SearchConfig
{
    public required SearchProvider Provider { get; init; }

    /// <summary>The base address, http or https; null is the provider's own. SearXNG needs one.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The file whose content is the API key; absolute.</summary>
    public string? ApiKeyFile { get; init; }

    /// <summary>The environment variable that holds the API key.</summary>
    public string? ApiKeyEnv { get; init; }

    /// <summary>How long one request may take, seconds.</summary>
    public int TimeoutSeconds { get; set; } = 20;
}
