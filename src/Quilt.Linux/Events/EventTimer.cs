namespace Quilt.Linux;

/// <summary>A timer for a loop, on the clock that no one can set (timerfd_create(2)).</summary>
public sealed unsafe class EventTimer : IDisposable
{
    private const int MonotonicClock = 1, CloseOnExec = 0x80000, NonBlocking = 0x800;

    public EventTimer()
    {
        int fd = LibC.timerfd_create(MonotonicClock, CloseOnExec | NonBlocking);
        File = fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("timerfd_create");
    }

    /// <summary>Readable when the time has come.</summary>
    public FileDescriptor File { get; }

    /// <summary>Once after <paramref name="after"/>, then each <paramref name="every"/> where one is given. Replaces what was set.</summary>
    public void Set(TimeSpan after, TimeSpan every = default)
    {
        // struct itimerspec: interval, then first time; a first time of zero would disarm it.
        long* setting = stackalloc long[4];
        (setting[0], setting[1]) = Split(every);
        (setting[2], setting[3]) = Split(after > TimeSpan.Zero ? after : TimeSpan.FromTicks(1));
        Settle(setting);
    }

    public void Stop()
    {
        long* setting = stackalloc long[4] { 0, 0, 0, 0 };
        Settle(setting);
    }

    /// <summary>How often the time came since the last look; 0 is not yet.</summary>
    public ulong Take() => KernelCounter.Take(File, "timerfd");

    public void Dispose() => File.Dispose();

    private static (long Seconds, long Nanoseconds) Split(TimeSpan time) =>
        (time.Ticks / TimeSpan.TicksPerSecond, time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick);

    private void Settle(long* setting)
    {
        if (LibC.timerfd_settime(File.Number, 0, setting, null) < 0)
        {
            throw SyscallException.Last("timerfd_settime");
        }
    }
}
