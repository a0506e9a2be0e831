using System.Net;
using System.Net.Sockets;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>What a provider's failure is to the caller: a stable code, a sentence without the key, and what to do.</summary>
/// <param name="name">How the provider is called in messages, such as <c>the model provider (openai)</c>.</param>
/// <param name="setting">Where the operator configures it, such as <c>cognition.model</c>.</param>
/// <param name="key">Never to appear.</param>
internal sealed class ProviderFailure(string name, string setting, ApiKey key)
{
    /// <summary>Runs an exchange with the provider within its time.</summary>
    /// <exception cref="QuiltException">It failed.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<T> Guard<T>(TimeSpan timeout, Func<CancellationToken, Task<T>> exchange, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await exchange(limit.Token).ConfigureAwait(false);
        }
        catch (QuiltException)
        {
            throw;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            throw new QuiltException(ErrorCode.DeadlineExceeded, $"{name} did not answer within {timeout.TotalSeconds:0} seconds",
                $"try again, ask for less, or let the operator raise {setting}.timeoutSeconds");
        }
        catch (Exception e)
        {
            throw ProviderException.In(e) is { } answered ? OfStatus(answered) : Of(e);
        }
    }

    /// <summary>Whether it may be another answer in some minutes.</summary>
    public static bool MayPass(QuiltException failure) =>
        failure.Code is ErrorCode.Unavailable or ErrorCode.DeadlineExceeded || ProviderException.In(failure)?.Status == HttpStatusCode.TooManyRequests;

    private QuiltException OfStatus(ProviderException failure) => failure.Status switch
    {
        HttpStatusCode.Unauthorized => new(ErrorCode.FailedPrecondition, $"{name} does not accept the API key",
            $"let the operator give a valid key by {setting}.apiKeyFile or {setting}.apiKeyEnv"),
        HttpStatusCode.Forbidden or HttpStatusCode.PaymentRequired => new(ErrorCode.FailedPrecondition, Say("refuses the request", failure),
            "let the operator look at the account of the API key: its permissions and its credit"),
        HttpStatusCode.NotFound => new(ErrorCode.FailedPrecondition, Say("does not know the address or the model", failure),
            $"let the operator look at {setting}: the endpoint, and the model's name"),
        HttpStatusCode.TooManyRequests => new(ErrorCode.ResourceExhausted, Say("has a rate limit or quota, which is used up", failure),
            failure.RetryAfter is { } wait ? $"try again in {wait.TotalSeconds:0} seconds" : "try again later", inner: failure),
        HttpStatusCode.RequestEntityTooLarge => new(ErrorCode.InvalidArgument, Say("takes less text than this", failure), "send less text"),
        HttpStatusCode.RequestTimeout => new(ErrorCode.DeadlineExceeded, Say("took too long", failure), "try again, or ask for less"),
        >= HttpStatusCode.InternalServerError => new(ErrorCode.Unavailable, Say("has a failure of its own", failure), "try again later", inner: failure),
        >= HttpStatusCode.BadRequest => new(ErrorCode.InvalidArgument, Say("does not take the request", failure),
            $"send less or other text; if every request fails, let the operator look at {setting}"),
        _ => new(ErrorCode.FailedPrecondition, Say("answers in a way that is not its protocol", failure), $"let the operator look at {setting}.endpoint"),
    };

    private QuiltException Of(Exception failure) => failure switch
    {
        _ when Has<TooLongException>(failure) => new(ErrorCode.ResourceExhausted, $"{name} answered with more than {ProviderHttp.MaxAnswerBytes} bytes", "ask for less"),
        _ when Has<SocketException>(failure) || Has<HttpRequestException>(failure) => new(ErrorCode.Unavailable, $"{name} cannot be reached",
            $"try again; if it stays so, let the operator look at {setting}.endpoint and at the host's network", inner: failure),
        _ => new(ErrorCode.Unavailable, $"{name} answered with something that is not its protocol",
            $"try again; if it stays so, let the operator look at {setting}.endpoint", inner: failure),
    };

    private string Say(string what, ProviderException failure)
    {
        string said = key.RemoveFrom(failure.Explanation);
        return $"{name} {what} (HTTP {(int)failure.Status}{(said.Length > 0 ? ": " + said : "")})";
    }

    private static bool Has<T>(Exception? failure)
        where T : Exception
    {
        while (failure is not null and not T)
        {
            failure = failure is AggregateException { InnerExceptions: [var first, ..] } ? first : failure.InnerException;
        }

        return failure is not null;
    }
}
