namespace Quilt.Cognition;

/// <summary>The one HTTP client that speaks with providers: no redirects (they would carry the key away), no cookies, bounded answers, few repetitions.</summary>
internal static class ProviderHttp
{
    /// <summary>The longest answer of a provider, bytes.</summary>
    public const int MaxAnswerBytes = 16 << 20;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A client without a time limit of its own: callers set theirs around the whole exchange.</summary>
    public static HttpClient Create()
    {
        SocketsHttpHandler sockets = new() { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = ConnectTimeout, MaxResponseHeadersLength = 64 };
        return new HttpClient(new RepeatingHandler { InnerHandler = new BoundedAnswerHandler { InnerHandler = sockets } })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    /// <summary>The endpoint of the configuration, or the provider's own.</summary>
    /// <exception cref="Core.QuiltException">failed_precondition: not an http or https address.</exception>
    public static Uri Endpoint(string? configured, string fallback, string setting)
    {
        if (Uri.TryCreate(configured ?? fallback, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is "http" or "https")
        {
            return endpoint!;
        }

        throw new Core.QuiltException(Core.ErrorCode.FailedPrecondition, $"the operator's {setting} is not an http or https address",
            $"set {setting} in the daemon's configuration, such as https://api.example.com/v1");
    }
}
