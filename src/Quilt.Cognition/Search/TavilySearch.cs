using System.Net.Http.Headers;
using System.Text.Json;

namespace Quilt.Cognition;

/// <summary>Tavily's search.</summary>
/// <seealso href="https://docs.tavily.com/documentation/api-reference/endpoint/search"/>
internal sealed class TavilySearch(HttpClient http, Uri endpoint, string key) : ISearchEngine
{
    public async Task<IReadOnlyList<WebPage>> Search(string query, int count, string? freshness, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, SearchJson.Under(endpoint, "search"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Content = new ByteArrayContent(Body(query, count, freshness)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using JsonDocument answer = await SearchJson.Send(http, request, cancellation).ConfigureAwait(false);
        return SearchJson.Pages(answer.RootElement.GetProperty("results"), snippet: "content", published: "published_date");
    }

    private static byte[] Body(string query, int count, string? freshness)
    {
        using MemoryStream body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("query", query);
            json.WriteNumber("max_results", count);
            if (freshness is not null)
            {
                json.WriteString("time_range", freshness);
            }

            json.WriteEndObject();
        }

        return body.ToArray();
    }
}
