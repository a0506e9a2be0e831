namespace Quilt.Cognition;

/// <summary>Lets no answer be longer than <see cref="ProviderHttp.MaxAnswerBytes"/>, however it is read.</summary>
internal sealed class BoundedAnswerHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        Stream whole = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        StreamContent bounded = new(new BoundedStream(whole, ProviderHttp.MaxAnswerBytes));
        foreach ((string name, IEnumerable<string> values) in response.Content.Headers)
        {
            bounded.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = bounded;
        return response;
    }
}
