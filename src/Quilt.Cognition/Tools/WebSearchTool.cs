using System.Text;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Asks the configured search provider, and the model for a summary where that is wanted.</summary>
/// <param name="config">Null: searching fails and says how to configure a provider.</param>
public sealed class WebSearchTool(SearchConfig? config, ApiKey key, LanguageModel model)
{
    private static readonly AnswerForm<SummaryAnswer> Form = new("summary", AnswerJson.Default.SummaryAnswer, answer =>
        string.IsNullOrWhiteSpace(answer.Text) ? "text is empty" : null);

    /// <exception cref="QuiltException">No provider, or its failure.</exception>
    public async Task<WebSearchResult> Run(WebSearchArguments arguments, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (config is null)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, "no search provider is configured",
                "let the operator set cognition.search (provider searxng, brave or tavily, endpoint, apiKeyFile) in the daemon's configuration; see docs/cognition.md");
        }

        if (arguments.Summarize)
        {
            model.Require();
        }

        using HttpClient http = ProviderHttp.Create();
        ISearchEngine engine = SearchEngines.Create(config, key, http);
        string name = ProviderNames.Of(config.Provider);
        ProviderFailure failure = new($"the search provider ({name})", "cognition.search", key);
        IReadOnlyList<WebPage> found = await failure.Guard(
            TimeSpan.FromSeconds(config.TimeoutSeconds),
            limited => engine.Search(arguments.Query, arguments.Count, arguments.Freshness, limited),
            cancellation).ConfigureAwait(false);
        WebPage[] pages = [.. found.Where(p => p.Url.Length > 0).DistinctBy(p => p.Url).Take(arguments.Count)];
        (WebSummary? summary, TokenUsage? usage) = arguments.Summarize && pages.Length > 0
            ? await Summarize(arguments.Query, pages, cancellation).ConfigureAwait(false)
            : (null, null);
        return new WebSearchResult { Results = pages, Provider = name, Summary = summary, Usage = usage };
    }

    private async Task<(WebSummary Summary, TokenUsage Usage)> Summarize(string query, WebPage[] pages, CancellationToken cancellation)
    {
        StringBuilder material = new(Material.Of(("query", query)));
        for (int i = 0; i < pages.Length; i++)
        {
            material.Append(Material.Of(("result", $"[{i + 1}] {pages[i].Title}\n{pages[i].Url}\n{pages[i].Snippet}")));
        }

        string instructions = $"Say what the search results tell about the query, in at most 200 words, from the results alone; where they do not answer it, say so. {Material.Rule}";
        (SummaryAnswer answer, TokenUsage usage) = await model.Ask(Form, instructions, material.ToString(), cancellation).ConfigureAwait(false);
        return (new WebSummary { Text = answer.Text, Citations = [.. answer.Citations.Where(n => n >= 1 && n <= pages.Length).Distinct().Order()] }, usage);
    }
}
