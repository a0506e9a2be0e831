using System.Text.Json;

namespace Quilt.Cognition;

/// <summary>A SearXNG instance whose settings list json among search.formats.</summary>
/// <seealso href="https://docs.searxng.org/dev/search_api.html"/>
internal sealed class SearXngSearch(HttpClient http, Uri endpoint) : ISearchEngine
{
    public async Task<IReadOnlyList<WebPage>> Search(string query, int count, string? freshness, CancellationToken cancellation)
    {
        string address = $"search?q={Uri.EscapeDataString(query)}&format=json{(freshness is null ? "" : "&time_range=" + freshness)}";
        using HttpRequestMessage request = new(HttpMethod.Get, SearchJson.Under(endpoint, address));
        using JsonDocument answer = await SearchJson.Send(http, request, cancellation).ConfigureAwait(false);
        return SearchJson.Pages(answer.RootElement.GetProperty("results"), snippet: "content", published: "publishedDate");
    }
}
