namespace Quilt.Core;

/// <summary>Does something once when a moment has come, never before it. Disposed of, it does not begin to any more.</summary>
public sealed class Alarm : IDisposable
{
    // A timer knows nothing of the clock being set: by what it says then, it is at most so much too late.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private readonly DateTimeOffset _at;
    private readonly Action _ring;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <param name="at">One that is past: at once.</param>
    /// <param name="ring">Runs on a thread of the pool, and throws nothing.</param>
    public Alarm(DateTimeOffset at, Action ring, TimeProvider? time = null)
    {
        (_at, _ring, _time) = (at, ring, time ?? TimeProvider.System);
        _timer = _time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Set(_at - _time.GetUtcNow());
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        // The clock may have been set meanwhile, and a timer counts no parts of a millisecond.
        TimeSpan left = _at - _time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            Set(left);
        }
        else
        {
            _ring();
        }
    }

    private void Set(TimeSpan left)
    {
        long milliseconds = Math.Max(0, (long)Math.Ceiling(left.TotalMilliseconds));
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)Longest.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }
}
