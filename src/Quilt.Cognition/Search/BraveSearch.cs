using System.Text.Json;

namespace Quilt.Cognition;

/// <summary>Brave's web search.</summary>
/// <seealso href="https://api-dashboard.search.brave.com/app/documentation/web-search/get-started"/>
internal sealed class BraveSearch(HttpClient http, Uri endpoint, string key) : ISearchEngine
{
    public async Task<IReadOnlyList<WebPage>> Search(string query, int count, string? freshness, CancellationToken cancellation)
    {
        string range = freshness switch { "day" => "&freshness=pd", "week" => "&freshness=pw", "month" => "&freshness=pm", "year" => "&freshness=py", _ => "" };
        using HttpRequestMessage request = new(HttpMethod.Get, SearchJson.Under(endpoint, $"res/v1/web/search?q={Uri.EscapeDataString(query)}&count={count}{range}"));
        request.Headers.Add("X-Subscription-Token", key);
        using JsonDocument answer = await SearchJson.Send(http, request, cancellation).ConfigureAwait(false);

        // Where nothing was found there is no part 'web'.
        return answer.RootElement.TryGetProperty("web", out JsonElement web)
            ? SearchJson.Pages(web.GetProperty("results"), snippet: "description", published: "page_age")
            : [];
    }
}
