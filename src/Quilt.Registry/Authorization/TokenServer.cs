using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Registry;

/// <summary>Fetches tokens from the server that a registry names as its realm.</summary>
/// <seealso href="https://distribution.github.io/distribution/spec/auth/token/"/>
internal sealed class TokenServer(TransferPolicy policy, TimeProvider time)
{
    private const int LongestAnswer = 1 << 20, LongestToken = 48 << 10;
    private const string ClientId = "quilt";

    // What a server means that does not say (distribution, auth/token).
    private static readonly TimeSpan UsualLifetime = TimeSpan.FromMinutes(1), LongestMargin = TimeSpan.FromSeconds(10);

    /// <exception cref="QuiltException">PermissionDenied where the credentials are refused; Unavailable and others as of any request.</exception>
    internal async Task<RegistryToken> FetchAsync(RegistryHost host, TokenKey key, CancellationToken cancellation)
    {
        RetryBudget retries = new(policy, policy.Attempts);
        while (true)
        {
            Failure failure;
            try
            {
                using HttpRequestMessage request = Request(key);
                using HttpResponseMessage response = await host.SendAsync(request, cancellation).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return Read(await BoundedBody.ReadAsync(response.Content, LongestAnswer, policy.StallTimeout, cancellation).ConfigureAwait(false), host.Name);
                }

                failure = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest
                    ? new Failure(Refused(host.Name, key.Credential))
                    : await RegistryFailure.OfAsync(response, host.Name, "the token server", key.Credential, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (TransportFailure.Is(e))
            {
                failure = TransportFailure.Of(e, $"{host.Name} (its token server {key.Realm.Host})");
            }

            await retries.SpendAsync(failure, cancellation).ConfigureAwait(false);
        }
    }

    internal static QuiltException Refused(string registry, RegistryCredential? credential) => credential is null
        ? new QuiltException(ErrorCode.PermissionDenied, $"the registry {registry} wants to know who asks", $"log in: quilt login {registry}", "credentials")
        : new QuiltException(ErrorCode.PermissionDenied, $"the registry {registry} does not accept the credentials of '{Text.Printable(credential.Username)}'", $"log in anew: quilt login {registry}", "credentials");

    private static HttpRequestMessage Request(TokenKey key)
    {
        List<KeyValuePair<string, string>> fields = [];
        if (key.Service is { } service)
        {
            fields.Add(new("service", service));
        }

        if (key.Credential is { IsIdentityToken: true } identity)
        {
            fields.AddRange([new("grant_type", "refresh_token"), new("refresh_token", identity.Secret), new("client_id", ClientId), new("scope", key.Scopes)]);
            return new HttpRequestMessage(HttpMethod.Post, key.Realm) { Content = new FormUrlEncodedContent(fields) };
        }

        if (key.Credential is { } account)
        {
            fields.Add(new("account", account.Username));
        }

        fields.AddRange(key.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(scope => new KeyValuePair<string, string>("scope", scope)));
        string query = string.Join('&', fields.Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}"));
        UriBuilder address = new(key.Realm);
        address.Query = address.Query.Length > 1 ? $"{address.Query}&{query}" : query;
        HttpRequestMessage request = new(HttpMethod.Get, address.Uri);
        request.Headers.Authorization = key.Credential is { } credential ? Authorizer.BasicOf(credential) : null;
        return request;
    }

    private RegistryToken Read(byte[] answer, string registry)
    {
        TokenResponse? response;
        try
        {
            response = JsonSerializer.Deserialize(answer, AnswerJson.Default.TokenResponse);
        }
        catch (JsonException)
        {
            response = null; // its message might quote the token
        }

        string? token = string.IsNullOrEmpty(response?.Token) ? response?.AccessToken : response.Token;
        if (string.IsNullOrEmpty(token) || token.Length > LongestToken || !token.All(c => c is > ' ' and < (char)0x7F))
        {
            throw new QuiltException(ErrorCode.Unavailable, $"the token server of the registry {registry} answers without a token", "ask the registry's operator");
        }

        TimeSpan lifetime = response!.ExpiresIn is > 0 and < 1e9 ? TimeSpan.FromSeconds(response.ExpiresIn.Value) : UsualLifetime;
        TimeSpan margin = lifetime / 4 < LongestMargin ? lifetime / 4 : LongestMargin;
        return new RegistryToken(token, time.GetTimestamp() + (long)((lifetime - margin).TotalSeconds * time.TimestampFrequency));
    }
}
