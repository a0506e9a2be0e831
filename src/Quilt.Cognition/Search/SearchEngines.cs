using Quilt.Core;

namespace Quilt.Cognition;

internal static class SearchEngines
{
    private const string BraveEndpoint = "https://api.search.brave.com", TavilyEndpoint = "https://api.tavily.com";

    /// <exception cref="QuiltException">failed_precondition: the configuration lacks something.</exception>
    public static ISearchEngine Create(SearchConfig config, ApiKey key, HttpClient http) => config.Provider switch
    {
        SearchProvider.SearXng => new SearXngSearch(http, Endpoint(config, config.Endpoint ?? throw new QuiltException(
            ErrorCode.FailedPrecondition, "the search provider searxng needs an endpoint and none is configured", "let the operator set cognition.search.endpoint, such as http://127.0.0.1:8888"))),
        SearchProvider.Brave => new BraveSearch(http, Endpoint(config, BraveEndpoint), key.Value ?? throw KeyNeeded("brave")),
        SearchProvider.Tavily => new TavilySearch(http, Endpoint(config, TavilyEndpoint), key.Value ?? throw KeyNeeded("tavily")),
        _ => throw new QuiltException(ErrorCode.FailedPrecondition, "the operator's cognition.search.provider is unknown", "set it to searxng, brave or tavily"),
    };

    private static Uri Endpoint(SearchConfig config, string fallback) => ProviderHttp.Endpoint(config.Endpoint, fallback, "cognition.search.endpoint");

    private static QuiltException KeyNeeded(string name) => new(ErrorCode.FailedPrecondition, $"the search provider {name} needs an API key and none is configured",
        "let the operator set cognition.search.apiKeyFile or cognition.search.apiKeyEnv in the daemon's configuration");
}
