using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>A child of the shim, from its launch to its recorded end.</summary>
internal sealed class SupervisedProcess
{
    private readonly FileDescriptor _pidFd;
    private readonly ICgroup _cgroup;
    private readonly FileWatch _watch;
    private readonly Action<SupervisedProcess, ProcessEnd> _record;
    private Action? _stopTimer;

    /// <param name="cgroup">The container's.</param>
    /// <param name="record">Makes and keeps <see cref="Exit"/>, before anyone is told of it.</param>
    internal SupervisedProcess(
        EventLoop loop, int pid, ulong startTime, FileDescriptor pidFd, ICgroup cgroup, ProcessStreams streams, Action<SupervisedProcess, ProcessEnd> record)
    {
        (Identity, Streams, _pidFd, _cgroup, _record) = (new ProcessRecord(pid, startTime), streams, pidFd, cgroup, record);
        _watch = loop.Watch(pidFd, EventKind.Readable, _ => Ended());
    }

    internal ProcessRecord Identity { get; }
    internal ProcessStreams Streams { get; }

    /// <summary>As the launcher knows it: the container's first process is joined through it.</summary>
    internal FileDescriptor PidFd => _pidFd;
    internal bool TimedOut { get; private set; }

    /// <summary>Whoever followed it has let go of it: it counts as one in the background from then on.</summary>
    internal bool IsLeft { get; set; }
    internal ExitRecord? Exit { get; private set; }

    internal void KillAfter(EventLoop loop, TimeSpan time)
    {
        EventTimer timer = new();
        FileWatch watch = loop.Watch(timer.File, EventKind.Readable, _ =>
        {
            timer.Take();
            TimedOut = true;
            KillSession();
        });
        timer.Set(time);
        _stopTimer = () =>
        {
            watch.Dispose();
            timer.Dispose();
        };
    }

    /// <returns>False where it has ended.</returns>
    internal bool Signal(int number) => Exit is null && Sys.PidFdSendSignal(_pidFd, number);

    /// <summary>It leads a session of its own; not yet reaped, its number is surely still its.</summary>
    internal void KillSession()
    {
        if (Exit is null)
        {
            Sys.PidFdSendSignal(_pidFd, Signals.Kill);
            Session.Kill(Identity.Pid, _cgroup);
        }
    }

    /// <summary>Nobody is to be told of its end: whoever launched it takes it back.</summary>
    internal void Forget()
    {
        _watch.Dispose();
        _stopTimer?.Invoke();
    }

    internal void SetExit(ExitRecord exit) => Exit = exit;

    private void Ended()
    {
        ProcessEnd end = Sys.WaitId(Identity.Pid, wait: true)!.Value;
        _watch.Dispose();
        _stopTimer?.Invoke();
        Streams.Drain();
        _record(this, end);
        _pidFd.Dispose();
        Streams.Finish(Exit!);
    }
}
