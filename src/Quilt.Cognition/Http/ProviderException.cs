using System.Net;

namespace Quilt.Cognition;

/// <summary>A provider answered with another status than success.</summary>
/// <param name="explanation">What it said, one short line; may hold anything, the key too.</param>
internal sealed class ProviderException(HttpStatusCode status, string explanation, TimeSpan? retryAfter) : Exception($"HTTP status {(int)status}")
{
    public HttpStatusCode Status { get; } = status;
    public string Explanation { get; } = explanation;
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The one that a library wrapped into its own; null where there is none.</summary>
    public static ProviderException? In(Exception? exception)
    {
        while (exception is not null and not ProviderException)
        {
            exception = exception is AggregateException { InnerExceptions: [var first, ..] } ? first : exception.InnerException;
        }

        return exception as ProviderException;
    }
}
