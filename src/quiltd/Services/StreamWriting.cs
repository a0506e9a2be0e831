using Grpc.Core;

namespace Quilt.Daemon;

internal static class StreamWriting
{
    // For who does not read: nothing of theirs is held for longer.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Writes a message of a stream that may end meanwhile, as with its token. What is on its way then has a moment to arrive: to cancel a write is
    /// to cut the whole call off, and its client would not be told why.
    /// </summary>
    internal static async Task WriteWholeAsync<T>(this IServerStreamWriter<T> stream, T message, CancellationToken ending)
    {
        using CancellationTokenSource cut = new();
        using (ending.UnsafeRegister(static later => ((CancellationTokenSource)later!).CancelAfter(Moment), cut))
        {
            await stream.WriteAsync(message, cut.Token).ConfigureAwait(false);
        }
    }
}
