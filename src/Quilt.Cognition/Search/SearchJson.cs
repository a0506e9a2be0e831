using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Quilt.Cognition;

/// <summary>What the search providers' answers have in common: a list of objects with title, url and text.</summary>
internal static partial class SearchJson
{
    private const int MaxTitle = 300, MaxSnippet = 2_000, MaxUrl = 2_000;

    /// <summary>An address below an endpoint, whether or not that ends with a slash.</summary>
    public static Uri Under(Uri endpoint, string relative) => new(endpoint.ToString().TrimEnd('/') + "/" + relative);

    /// <exception cref="JsonException">Not JSON.</exception>
    public static async Task<JsonDocument> Send(HttpClient http, HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Headers.Accept.ParseAdd("application/json");
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        return await JsonDocument.ParseAsync(body, cancellationToken: cancellation).ConfigureAwait(false);
    }

    /// <summary>Pages with an http or https address; others are left out.</summary>
    public static IReadOnlyList<WebPage> Pages(JsonElement results, string snippet, string published) =>
        [.. results.EnumerateArray().Select(r => Page(r, snippet, published)).OfType<WebPage>()];

    private static WebPage? Page(JsonElement result, string snippet, string published)
    {
        string url = Text(result, "url");
        bool usable = url.Length <= MaxUrl && Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https";
        return !usable ? null : new WebPage
        {
            Title = Plain(Text(result, "title"), MaxTitle),
            Url = url,
            Snippet = Plain(Text(result, snippet), MaxSnippet),
            Published = Text(result, published) is { Length: > 0 and < 64 } date ? date : null,
        };
    }

    private static string Text(JsonElement result, string name) =>
        result.ValueKind == JsonValueKind.Object && result.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>Providers mark the words that matched with HTML.</summary>
    private static string Plain(string text, int limit)
    {
        string plain = WebUtility.HtmlDecode(Tag().Replace(text, "")).Trim();
        return plain.Length > limit ? plain[..limit] + "…" : plain;
    }

    [GeneratedRegex("</?[a-zA-Z][^>]{0,200}>")]
    private static partial Regex Tag();
}
