using System.Net.Http.Headers;
using System.Text;
using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Registry;

/// <summary>Shows one registry who asks, as it wants to have it shown.</summary>
internal sealed class Authorizer(RegistryHost host, RegistryCredential? credential, TokenCache tokens)
{
    // Scopes that the registry itself named: a mirror may call the repository otherwise.
    private volatile string _named = "";

    /// <summary>What to send along; null where nothing was asked for yet, or nothing can be shown.</summary>
    /// <param name="scopes">Parted by spaces.</param>
    internal async Task<AuthenticationHeaderValue?> HeaderAsync(string scopes, CancellationToken cancellation)
    {
        if (host.Challenge is not { } challenge)
        {
            return null;
        }

        if (challenge.Scheme == Challenge.Basic)
        {
            return credential is { IsIdentityToken: false } ? BasicOf(credential) : null;
        }

        return new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(host, KeyOf(challenge, scopes), cancellation).ConfigureAwait(false));
    }

    /// <summary>After a 401: whether another try may go better.</summary>
    /// <param name="sent">What the registry refused.</param>
    /// <param name="headers">Its WWW-Authenticate.</param>
    internal bool Learn(AuthenticationHeaderValue? sent, string scopes, IEnumerable<string> headers)
    {
        if (Challenge.Choose(headers) is not { } challenge)
        {
            return false;
        }

        if (challenge.Scheme == Challenge.Basic)
        {
            host.Challenge = challenge;
            return credential is { IsIdentityToken: false } && sent?.Scheme != "Basic";
        }

        if (sent is { Scheme: "Bearer", Parameter: { } refused } && host.Challenge is { } before)
        {
            tokens.Forget(KeyOf(before, scopes), refused);
        }

        host.Challenge = challenge;
        _named = challenge.Scope ?? "";
        return true;
    }

    internal static AuthenticationHeaderValue BasicOf(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.Username}:{credential.Secret}")));

    private TokenKey KeyOf(Challenge challenge, string scopes)
    {
        string all = string.Join(' ', $"{scopes} {_named}".Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal));
        if (!Uri.TryCreate(challenge.Realm, UriKind.Absolute, out Uri? realm))
        {
            throw new QuiltException(ErrorCode.Unavailable, $"the registry {host.Name} names no address of a token server", "ask the registry's operator");
        }

        return new TokenKey(host.Name, host.Follow(realm, realm), challenge.Service, all, credential);
    }
}
