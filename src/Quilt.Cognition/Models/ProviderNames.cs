namespace Quilt.Cognition;

/// <summary>Providers as the configuration calls them.</summary>
internal static class ProviderNames
{
    public static string Of(ModelProvider provider) => provider switch
    {
        ModelProvider.OpenAi => "openai",
        ModelProvider.Anthropic => "anthropic",
        _ => "ollama",
    };

    public static string Of(SearchProvider provider) => provider switch
    {
        SearchProvider.SearXng => "searxng",
        SearchProvider.Brave => "brave",
        _ => "tavily",
    };
}
