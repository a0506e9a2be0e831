using System.Globalization;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>The store's limit of bytes, against which everything is counted that comes in.</summary>
/// <param name="most">Null where there is none.</param>
/// <param name="onDisk">What is in the store, without what is on its way.</param>
internal sealed class SpaceLimit(long? most, Func<long> onDisk)
{
    private readonly Lock _lock = new();
    private long _taken;

    /// <summary>Begins to count what one operation brings.</summary>
    internal SpaceShare Begin() => new(this, most is null ? 0 : onDisk());

    private void Take(long before, long bytes)
    {
        lock (_lock)
        {
            if (most is { } limit && before + _taken + bytes > limit)
            {
                throw new QuiltException(
                    ErrorCode.ResourceExhausted,
                    string.Create(CultureInfo.InvariantCulture, $"the image store may take {limit} bytes and takes {before + _taken}; {bytes} more do not fit"),
                    "remove images that nothing uses, or allow the store more");
            }

            _taken += bytes;
        }
    }

    private void Give(long bytes)
    {
        lock (_lock)
        {
            _taken -= bytes;
        }
    }

    /// <summary>What one operation has brought so far; part of the store's own count once it is disposed. Safe for use by many threads.</summary>
    internal sealed class SpaceShare(SpaceLimit limit, long before) : IDisposable
    {
        private long _bytes;

        /// <exception cref="QuiltException">ResourceExhausted: it would be more than the store may take.</exception>
        internal void Take(long bytes)
        {
            limit.Take(before, bytes);
            Interlocked.Add(ref _bytes, bytes);
        }

        public void Dispose() => limit.Give(Interlocked.Exchange(ref _bytes, 0));
    }
}
