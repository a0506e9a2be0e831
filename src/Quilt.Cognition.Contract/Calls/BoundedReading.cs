using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Reads what another process writes, and no more than a bound.</summary>
public static class BoundedReading
{
    /// <exception cref="QuiltException">resource_exhausted: there is more.</exception>
    public static async Task<byte[]> ToEnd(Stream source, long maxBytes, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        using MemoryStream all = new();
        byte[] buffer = new byte[64 << 10];
        int count;
        while ((count = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (all.Length + count > maxBytes)
            {
                throw new QuiltException(ErrorCode.ResourceExhausted, $"there is more than {maxBytes} bytes to read", "ask for less in one call");
            }

            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }
}
