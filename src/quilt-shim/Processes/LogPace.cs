using System.Diagnostics;
using Quilt.Linux;

namespace Quilt.Shim;

/// <summary>
/// How fast a process's output goes to its log where nobody is attached: beyond that it waits, as at a full pipe. To keep what it writes is
/// the shim's work, which no limit of the container's holds: a flooder took more than its share of the processors and the disk.
/// </summary>
internal sealed class LogPace(EventLoop loop, Action resumed) : IDisposable
{
    /// <summary>32 MiB a second.</summary>
    private const long BytesInSpan = (32L << 20) / 10;
    private static readonly TimeSpan Span = TimeSpan.FromMilliseconds(100);
    private EventTimer? _timer;
    private FileWatch? _watch;
    private long _began, _bytes;

    /// <summary>More was written than there is time for yet.</summary>
    internal bool IsAhead { get; private set; }

    internal void Count(int bytes)
    {
        if (Stopwatch.GetElapsedTime(_began) >= Span)
        {
            (_began, _bytes) = (Stopwatch.GetTimestamp(), 0);
        }

        _bytes += bytes;
        if (_bytes < BytesInSpan || IsAhead)
        {
            return;
        }

        IsAhead = true;
        if (_timer is null)
        {
            _timer = new EventTimer();
            _watch = loop.Watch(_timer.File, EventKind.Readable, _ =>
            {
                _timer.Take();
                IsAhead = false;
                resumed();
            });
        }

        _timer.Set(Span - Stopwatch.GetElapsedTime(_began));
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _timer?.Dispose();
        (_watch, _timer) = (null, null);
    }
}
