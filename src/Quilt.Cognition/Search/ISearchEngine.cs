namespace Quilt.Cognition;

/// <summary>A search provider.</summary>
internal interface ISearchEngine
{
    /// <param name="count">How many pages at most; the provider may give more, which are cut off.</param>
    /// <param name="freshness">day, week, month, year, or null.</param>
    /// <exception cref="ProviderException">It answered with a failure.</exception>
    Task<IReadOnlyList<WebPage>> Search(string query, int count, string? freshness, CancellationToken cancellation);
}
