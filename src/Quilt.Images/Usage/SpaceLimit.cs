using System.Globalization;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>The store's limit of bytes, against which everything is counted that comes in.</summary>
/// <param name="most">Null where there is none.</param>
/// <param name="onDisk">What is in the store, without what is on its way.</param>
internal sealed class SpaceLimit(long? most, Func<long> onDisk)
{
    private readonly long? _most = most;
    private readonly Func<long> _onDisk = onDisk;
    private readonly Lock _lock = new();
    private long _taken, _settled;

    /// <summary>Begins to count what one operation brings.</summary>
    internal SpaceShare Begin()
    {
        lock (_lock)
        {
            return new SpaceShare(this, _most is null ? 0 : _onDisk(), _settled);
        }
    }

    /// <summary>What one operation has brought so far; part of the store's own count once it is disposed. Safe for use by many threads.</summary>
    internal sealed class SpaceShare(SpaceLimit limit, long before, long settledBefore) : IDisposable
    {
        private long _bytes;

        /// <exception cref="QuiltException">ResourceExhausted: it would be more than the store may take.</exception>
        internal void Take(long bytes)
        {
            lock (limit._lock)
            {
                if (limit._most is { } most && bytes > most - Present())
                {
                    // What others ended with since it began may have been given up: it is looked at anew before it is too much.
                    (before, settledBefore) = (limit._onDisk(), limit._settled);
                    if (bytes > most - Present())
                    {
                        throw new QuiltException(
                            ErrorCode.ResourceExhausted,
                            string.Create(CultureInfo.InvariantCulture, $"the image store may take {most} bytes and takes {Present()}; {bytes} more do not fit"),
                            "remove images that nothing uses, or allow the store more");
                    }
                }

                limit._taken += bytes;
                _bytes += bytes;
            }
        }

        /// <summary>What it has brought so far is on the disk, or was given up: it counts as what is there.</summary>
        internal void Settle()
        {
            lock (limit._lock)
            {
                limit._taken -= _bytes;
                limit._settled += _bytes;
                _bytes = 0;
            }
        }

        public void Dispose() => Settle();

        private long Present() => before + (limit._settled - settledBefore) + limit._taken;
    }
}
