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
        if (_bytes < BytesInSpan || IsAhead || !TryMakeTimer())
        {
            return;
        }

        IsAhead = true;
        _timer!.Set(Span - Stopwatch.GetElapsedTime(_began));
    }

    /// <returns>False where the host has no descriptors for one: it goes on at its own pace until it has.</returns>
    private bool TryMakeTimer()
    {
        if (_watch is not null)
        {
            return true;
        }

        try
        {
            _timer ??= new EventTimer();
            _watch = loop.Watch(_timer.File, EventKind.Readable, _ =>
            {
                _timer.Take();
                IsAhead = false;
                resumed();
            });
            return true;
        }
        catch (SyscallException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _timer?.Dispose();
        (_watch, _timer) = (null, null);
    }
}
