using Quilt.Core;

namespace Quilt.Registry;

/// <summary>Reads an answer whole that must not be long.</summary>
internal static class BoundedBody
{
    /// <param name="limit">In bytes; more is not read.</param>
    /// <param name="time">For the whole of it.</param>
    /// <exception cref="QuiltException">ResourceExhausted: it is longer.</exception>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    internal static async Task<byte[]> ReadAsync(HttpContent content, int limit, TimeSpan time, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > limit)
        {
            throw TooLong(limit);
        }

        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(time);
        try
        {
            using MemoryStream whole = new();
            Stream body = await content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
            byte[] buffer = new byte[16 << 10];
            int count;
            while ((count = await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false)) > 0)
            {
                whole.Write(buffer, 0, count);
                if (whole.Length > limit)
                {
                    throw TooLong(limit);
                }
            }

            return whole.ToArray();
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"the answer did not end in {DurationText.Format(time)}", e);
        }
    }

    private static QuiltException TooLong(int limit) =>
        new(ErrorCode.ResourceExhausted, $"the registry's answer has more than {limit} bytes", "this is no answer that a registry gives; see whether the address is right");
}
