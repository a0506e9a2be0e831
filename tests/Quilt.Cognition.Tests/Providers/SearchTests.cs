using Quilt.Core;

namespace Quilt.Cognition.Tests.Providers;

/// <summary>The search providers, against a server that speaks their protocols.</summary>
public sealed class SearchTests
{
    private const string SearXng = """{"query":"q","results":[{"title":"A &amp; B","url":"https://a.example/","content":"one <b>two</b>","publishedDate":"2026-01-02"},{"title":"x","url":"javascript:alert(1)","content":""},{"title":"A again","url":"https://a.example/","content":""}],"answers":[]}""";
    private const string Brave = """{"type":"search","web":{"type":"search","results":[{"title":"A &amp; B","url":"https://a.example/","description":"one <strong>two</strong>","page_age":"2026-01-02"}]}}""";
    private const string Tavily = """{"query":"q","results":[{"title":"A & B","url":"https://a.example/","content":"one two","score":0.9,"published_date":"2026-01-02"}],"response_time":0.5}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<SearchProvider> Providers => [SearchProvider.SearXng, SearchProvider.Brave, SearchProvider.Tavily];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_query_goes_out_in_the_providers_protocol_and_pages_come_back(SearchProvider provider)
    {
        await using ProviderServer server = await ProviderServer.Start(Reply.Ok(Answer(provider)));
        WebSearchResult result = await Search(provider, server, new WebSearchArguments { Query = "what & why?", Count = 3, Freshness = "month" });

        WebPage page = Assert.Single(result.Results);
        Assert.Equal(("A & B", "https://a.example/", "one two", "2026-01-02"), (page.Title, page.Url, page.Snippet, page.Published));
        ProviderRequest request = Assert.Single(server.Requests);
        switch (provider)
        {
            case SearchProvider.SearXng:
                Assert.Equal("/search?q=what%20%26%20why%3F&format=json&time_range=month", request.Path);
                break;
            case SearchProvider.Brave:
                Assert.Equal("/res/v1/web/search?q=what%20%26%20why%3F&count=3&freshness=pm", request.Path);
                Assert.Equal(Wire.Key, request.Headers["X-Subscription-Token"]);
                break;
            default:
                Assert.Equal("/search", request.Path);
                Assert.Equal("Bearer " + Wire.Key, request.Headers["Authorization"]);
                Assert.Equal("""{"query":"what \u0026 why?","max_results":3,"time_range":"month"}""", request.Body);
                break;
        }
    }

    [Theory]
    [InlineData(401, ErrorCode.FailedPrecondition)]
    [InlineData(429, ErrorCode.ResourceExhausted)]
    [InlineData(502, ErrorCode.Unavailable)]
    public async Task A_failure_has_a_stable_code_and_no_key_with_every_provider(int status, ErrorCode code)
    {
        foreach (SearchProvider provider in Providers.Select(p => p.Data))
        {
            await using ProviderServer server = await ProviderServer.Start(Reply.Failure(status, $$$"""{"detail":{"error":"bad {{{Wire.Key}}}"}}"""));
            QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Search(provider, server, new WebSearchArguments { Query = "q" }));
            Assert.Equal(code, failure.Code);
            Assert.DoesNotContain(Wire.Key, failure.Message + failure.Remedy, StringComparison.Ordinal);
            Assert.False(string.IsNullOrEmpty(failure.Remedy));
        }
    }

    [Theory]
    [InlineData("""{"error":"\ud800"}""")]
    [InlineData("""{"\ud800 and so on":1}""")]
    public async Task A_failure_whose_words_cannot_be_read_is_told_by_its_status(string words)
    {
        await using ProviderServer server = await ProviderServer.Start(Reply.Failure(401, words));
        Assert.Equal(ErrorCode.FailedPrecondition, (await Assert.ThrowsAsync<QuiltException>(() => Search(SearchProvider.Brave, server, new WebSearchArguments { Query = "q" }))).Code);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task An_answer_of_another_form_is_unavailable_and_silence_is_a_timeout(SearchProvider provider)
    {
        await using ProviderServer other = await ProviderServer.Start(Reply.Ok("""{"web":{},"hello":1}"""));
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Search(provider, other, new WebSearchArguments { Query = "q" }));
        Assert.Equal(ErrorCode.Unavailable, failure.Code);

        await using ProviderServer silent = await ProviderServer.Start(new Reply(200, "") { Hangs = true });
        failure = await Assert.ThrowsAsync<QuiltException>(() => Search(provider, silent, new WebSearchArguments { Query = "q" }));
        Assert.Equal(ErrorCode.DeadlineExceeded, failure.Code);
    }

    [Fact]
    public async Task Nothing_found_by_brave_is_an_empty_list()
    {
        await using ProviderServer server = await ProviderServer.Start(Reply.Ok("""{"type":"search","query":{}}"""));
        Assert.Empty((await Search(SearchProvider.Brave, server, new WebSearchArguments { Query = "q" })).Results);
    }

    [Fact]
    public async Task A_summary_cites_results_that_exist()
    {
        await using ProviderServer search = await ProviderServer.Start(Reply.Ok(Brave));
        await using ProviderServer chat = await ProviderServer.Start(Wire.Text("openai", """{"text":"It is so [1].","citations":[1,1,9]}"""));
        using LanguageModel model = new(Wire.Config("openai", chat.Address), ApiKey.None);
        WebSearchResult result = await Search(SearchProvider.Brave, search, new WebSearchArguments { Query = "q", Summarize = true }, model);
        Assert.Equal("It is so [1].", result.Summary!.Text);
        Assert.Equal([1], result.Summary.Citations);
        Assert.Contains("https://a.example/", chat.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_summary_without_a_model_is_refused_before_anything_is_searched()
    {
        await using ProviderServer search = await ProviderServer.Start(Reply.Ok(Brave));
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => Search(SearchProvider.Brave, search, new WebSearchArguments { Query = "q", Summarize = true }));
        Assert.Equal(ErrorCode.FailedPrecondition, failure.Code);
        Assert.Empty(search.Requests);
    }

    [Fact]
    public async Task Without_a_provider_the_tool_says_how_to_configure_one()
    {
        using LanguageModel model = new(null, ApiKey.None);
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => new WebSearchTool(null, ApiKey.None, model).Run(new WebSearchArguments { Query = "q" }, Cancellation));
        Assert.Equal(ErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("cognition.search", failure.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SearchProvider.SearXng, "endpoint")]
    [InlineData(SearchProvider.Brave, "apiKeyFile")]
    [InlineData(SearchProvider.Tavily, "apiKeyFile")]
    public async Task What_a_provider_needs_and_lacks_is_named(SearchProvider provider, string setting)
    {
        using LanguageModel model = new(null, ApiKey.None);
        WebSearchTool tool = new(new SearchConfig { Provider = provider }, ApiKey.None, model);
        QuiltException failure = await Assert.ThrowsAsync<QuiltException>(() => tool.Run(new WebSearchArguments { Query = "q" }, Cancellation));
        Assert.Equal(ErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains(setting, failure.Remedy, StringComparison.Ordinal);
    }

    private static string Answer(SearchProvider provider) => provider switch { SearchProvider.SearXng => SearXng, SearchProvider.Brave => Brave, _ => Tavily };

    private static async Task<WebSearchResult> Search(SearchProvider provider, ProviderServer server, WebSearchArguments arguments, LanguageModel? model = null)
    {
        using KeyFile key = new(Wire.Key);
        using LanguageModel none = new(null, ApiKey.None);
        SearchConfig config = new() { Provider = provider, Endpoint = server.Address, TimeoutSeconds = 2 };
        return await new WebSearchTool(config, ApiKey.Read(key.Path, null, "cognition.search"), model ?? none).Run(arguments, Cancellation);
    }
}
