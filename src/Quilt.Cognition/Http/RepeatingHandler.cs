using System.Net;

namespace Quilt.Cognition;

/// <summary>
/// Repeats a request that the provider was too busy for, as it asks for (Retry-After) or after a moment, and turns every other answer
/// than success into a <see cref="ProviderException"/>, the same for all of the providers' libraries.
/// </summary>
internal sealed class RepeatingHandler : DelegatingHandler
{
    private const int Attempts = 3, MaxExplanation = 300, Overloaded = 529; // 529 is Anthropic's
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(8);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false); // so that it can be sent again
        }

        TimeSpan pause = FirstPause;
        for (int attempt = 1; ; attempt++, pause *= 2)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                TimeSpan asked = response.Headers.RetryAfter?.Delta ?? pause;
                if (attempt == Attempts || !MayPass(response.StatusCode) || asked > LongestPause)
                {
                    throw new ProviderException(response.StatusCode, await Explanation(response, cancellationToken).ConfigureAwait(false), response.Headers.RetryAfter?.Delta);
                }

                await Task.Delay(asked, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool MayPass(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout || (int)status == Overloaded;

    /// <summary>What the provider says of the failure, one short line.</summary>
    private static async Task<string> Explanation(HttpResponseMessage response, CancellationToken cancellation)
    {
        byte[] start = new byte[16 << 10];
        int count;
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            count = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return "";
        }

        string text = ProviderMessage.Of(start.AsSpan(0, count)).ReplaceLineEndings(" ").Trim();
        return text.Length > MaxExplanation ? text[..MaxExplanation] + "…" : text;
    }
}
