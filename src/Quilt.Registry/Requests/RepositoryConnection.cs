using System.Net;
using System.Net.Http.Headers;
using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Registry;

/// <summary>A repository at a registry or at a mirror of it, for one caller: requests are authorized, redirected and tried again.</summary>
internal sealed class RepositoryConnection(RegistryHost host, string path, RegistryCredential? credential, TokenCache tokens, TransferPolicy policy, bool isMirror)
{
    private const int MostRedirects = 5, MostAuthorizations = 3, MirrorAttempts = 2;
    private readonly Authorizer _authorizer = new(host, credential, tokens);

    internal string Registry => host.Name;

    /// <summary>Of the repository, at this server.</summary>
    internal string Path => path;

    /// <summary>Of what may be read here, or written too.</summary>
    internal string Scope(string actions = "pull") => $"repository:{path}:{actions}";

    /// <summary>A request's address within the repository.</summary>
    internal string Of(string rest) => $"v2/{path}/{rest}";

    /// <summary>Sends until there is an answer, whose content is not read yet.</summary>
    /// <exception cref="QuiltException">What kept it from succeeding.</exception>
    internal async Task<HttpResponseMessage> SendAsync(RegistryRequest request, CancellationToken cancellation)
    {
        // With a mirror there is somebody else to ask.
        RetryBudget retries = new(policy, isMirror ? Math.Min(MirrorAttempts, policy.Attempts) : policy.Attempts);
        while (true)
        {
            Attempt attempt = await TryAsync(request, cancellation).ConfigureAwait(false);
            if (attempt.Response is { } response)
            {
                return response;
            }

            await retries.SpendAsync(attempt.Failure!, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends once, for those who do not simply repeat what failed.</summary>
    /// <exception cref="QuiltException">The registry's answer is one that no repetition changes.</exception>
    internal async Task<Attempt> TryAsync(RegistryRequest request, CancellationToken cancellation)
    {
        try
        {
            HttpResponseMessage response = await FollowAsync(request, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode || (request.MayBeMissing && response.StatusCode == HttpStatusCode.NotFound))
            {
                return new Attempt(response, null);
            }

            using (response)
            {
                return new Attempt(null, await RegistryFailure.OfAsync(response, Registry, request.What, credential, cancellation).ConfigureAwait(false));
            }
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            return new Attempt(null, TransportFailure.Of(e, Registry));
        }
    }

    /// <summary>The address that an answer names for the next request of an upload.</summary>
    internal async Task<Uri> LocationAsync(HttpResponseMessage response, CancellationToken cancellation) => response.Headers.Location is { } location
        ? host.Follow(await host.AddressAsync(cancellation).ConfigureAwait(false), location)
        : throw new QuiltException(ErrorCode.Unavailable, $"the registry {Registry} does not say where an upload goes on", "see that this is a registry");

    private async Task<HttpResponseMessage> FollowAsync(RegistryRequest request, CancellationToken cancellation)
    {
        Uri target = new(await host.AddressAsync(cancellation).ConfigureAwait(false), request.Target);
        for (int hops = 0; ; hops++)
        {
            HttpResponseMessage response = await AuthorizeAsync(request, target, cancellation).ConfigureAwait(false);
            bool isRedirect = response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
            if (!isRedirect || (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head))
            {
                return response;
            }

            using (response)
            {
                target = hops < MostRedirects
                    ? host.Follow(target, response.Headers.Location)
                    : throw new QuiltException(ErrorCode.Unavailable, $"the registry {Registry} redirects more than {MostRedirects} times", "ask the registry's operator");
            }
        }
    }

    /// <summary>Credentials and tokens go to the registry itself; nobody it redirects to sees them.</summary>
    private async Task<HttpResponseMessage> AuthorizeAsync(RegistryRequest request, Uri target, CancellationToken cancellation)
    {
        for (int tries = 1; ; tries++)
        {
            AuthenticationHeaderValue? shown = host.Owns(target) ? await _authorizer.HeaderAsync(request.Scopes, cancellation).ConfigureAwait(false) : null;
            HttpResponseMessage response;
            using (HttpRequestMessage message = request.Message(target, shown))
            {
                response = await host.SendAsync(message, cancellation).ConfigureAwait(false);
            }

            if (response.StatusCode != HttpStatusCode.Unauthorized || !host.Owns(target) || tries == MostAuthorizations
                || !_authorizer.Learn(shown, request.Scopes, Challenges(response)))
            {
                return response;
            }

            response.Dispose();
        }
    }

    private static HeaderStringValues Challenges(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out HeaderStringValues values) ? values : default;
}
