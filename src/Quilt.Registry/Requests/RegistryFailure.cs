using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Quilt.Core;
using Quilt.Credentials;

namespace Quilt.Registry;

/// <summary>What an answer other than success means.</summary>
/// <seealso href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes"/>
internal static class RegistryFailure
{
    private const int LongestExplanation = 16 << 10;
    private static readonly TimeSpan ExplanationTime = TimeSpan.FromSeconds(5);

    /// <param name="what">That was asked for, such as <c>debian:12</c>.</param>
    /// <param name="credential">What must not be quoted.</param>
    internal static async Task<Failure> OfAsync(HttpResponseMessage response, string registry, string what, RegistryCredential? credential, CancellationToken cancellation)
    {
        string why = await ExplanationAsync(response, credential, cancellation).ConfigureAwait(false);
        TimeSpan? wait = WaitOf(response.Headers.RetryAfter);
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new Failure(new QuiltException(
                ErrorCode.NotFound, $"the registry {registry} does not have {what}{why}", "see that name and tag are right; what is private needs a login", "image")),
            HttpStatusCode.Unauthorized when credential is null => new Failure(TokenServer.Refused(registry, null)),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new Failure(new QuiltException(
                ErrorCode.PermissionDenied, $"the registry {registry} refuses {what}{why}", "use credentials that may do this, or see that the name is right", "credentials")),
            HttpStatusCode.RequestedRangeNotSatisfiable => new Failure(new QuiltException(
                ErrorCode.Aborted, $"the registry {registry} wants another part of {what}{why}", "try again")),
            HttpStatusCode.TooManyRequests => new Failure(
                new QuiltException(ErrorCode.ResourceExhausted, $"the registry {registry} limits requests{LimitOf(response.Headers)}{WaitText(wait)}{why}", "wait, or log in where that allows more"), MayPass: true, wait),
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => new Failure(
                new QuiltException(ErrorCode.Unavailable, $"the registry {registry} failed at {what} with status {(int)response.StatusCode}{WaitText(wait)}{why}", "try again later"),
                response.StatusCode is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported), wait),
            _ => new Failure(new QuiltException(
                ErrorCode.FailedPrecondition, $"the registry {registry} answered to {what} with status {(int)response.StatusCode}{why}", "see that this is a registry, and what it says")),
        };
    }

    private static TimeSpan? WaitOf(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date ? Max(date - DateTimeOffset.UtcNow, TimeSpan.Zero) : null);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static string WaitText(TimeSpan? wait) => wait is { } time ? $", and asks to wait {DurationText.Format(TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds)))}" : "";

    /// <summary>Docker Hub's own headers: how many requests, in how many seconds, and how many are left.</summary>
    private static string LimitOf(HttpResponseHeaders headers)
    {
        string? limit = First(headers, "RateLimit-Limit"), left = First(headers, "RateLimit-Remaining");
        return limit is null ? "" : string.Create(CultureInfo.InvariantCulture, $" (limit {limit}{(left is null ? "" : $", remaining {left}")})");
    }

    private static string? First(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? Text.Printable(values.First()) : null;

    /// <summary>The registry's own words, if they are in the form of the specification; nothing that repeats a secret.</summary>
    private static async Task<string> ExplanationAsync(HttpResponseMessage response, RegistryCredential? credential, CancellationToken cancellation)
    {
        try
        {
            byte[] body = await BoundedBody.ReadAsync(response.Content, LongestExplanation, ExplanationTime, cancellation).ConfigureAwait(false);
            RegistryError? error = JsonSerializer.Deserialize(body, AnswerJson.Default.RegistryErrors)?.Errors is [{ } first, ..] ? first : null;
            string text = string.Join(": ", new[] { error?.Code, error?.Message }.Where(t => !string.IsNullOrWhiteSpace(t)));
            bool isSecret = (credential is not null && text.Contains(credential.Secret, StringComparison.Ordinal))
                || (response.RequestMessage?.Headers.Authorization?.Parameter is { Length: > 0 } sent && text.Contains(sent, StringComparison.Ordinal));
            return text.Length == 0 || isSecret ? "" : $" ({Text.Printable(text)})";
        }
        catch (Exception e) when (e is JsonException or QuiltException || TransportFailure.Is(e))
        {
            return "";
        }
    }
}
