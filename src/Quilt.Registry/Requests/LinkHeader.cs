using System.Net.Http.Headers;

namespace Quilt.Registry;

/// <summary>The next page of a list: <c>Link: &lt;/v2/…&gt;; rel="next"</c> (RFC 8288).</summary>
internal static class LinkHeader
{
    /// <returns>Null where this was the last.</returns>
    internal static string? Next(HttpResponseHeaders headers) =>
        headers.NonValidated.TryGetValues("Link", out HeaderStringValues values) ? Next(values.First()) : null;

    internal static string? Next(string link)
    {
        int end = link.IndexOf('>', StringComparison.Ordinal);
        return link.StartsWith('<') && end > 1 && link.AsSpan(end).Contains("next", StringComparison.OrdinalIgnoreCase) ? link[1..end] : null;
    }
}
