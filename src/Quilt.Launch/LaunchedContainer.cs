using Quilt.Launch.Parent;
using Quilt.Linux;

namespace Quilt.Launch;

/// <summary>A container's first process, a child of ours, which has executed its command or waits for the order to.</summary>
public sealed class LaunchedContainer : IDisposable
{
    private readonly ControlChannel _control;
    private readonly Action<FileDescriptor>? _listener;
    private readonly List<FileDescriptor> _spent;

    internal LaunchedContainer(
        int pid, ulong startTime, FileDescriptor pidFd, FileDescriptor? console, CgroupEntry group, ControlChannel control, Action<FileDescriptor>? listener, List<FileDescriptor> spent)
    {
        _spent = spent;
        Pid = pid;
        StartTime = startTime;
        PidFd = pidFd;
        Console = console;
        Group = group;
        _control = control;
        _listener = listener;
    }

    public int Pid { get; }

    /// <summary>Clock ticks since boot (proc_pid_stat(5)).</summary>
    public ulong StartTime { get; }
    public FileDescriptor PidFd { get; }

    /// <summary>The master side of its terminal, where it has one.</summary>
    public FileDescriptor? Console { get; }

    internal CgroupEntry Group { get; }

    /// <summary>Lets it go on; returns when execve has succeeded.</summary>
    /// <exception cref="LaunchException">It did not, and the process has ended.</exception>
    public void Start() => Start(ordered: false);

    /// <param name="ordered">It goes on without our order.</param>
    /// <inheritdoc cref="Start()"/>
    internal void Start(bool ordered)
    {
        if (!ordered)
        {
            _control.Start();
        }

        Launcher.AwaitExecution(_control, _listener);
        _control.Dispose();
    }

    /// <summary>Closes what the launch has left; takes a while, so when nobody waits.</summary>
    public void TidyUp()
    {
        _spent.ForEach(s => s.Dispose());
        _spent.Clear();
    }

    /// <summary>It shall not live after all: ends and reaps it.</summary>
    public void Destroy()
    {
        Launcher.Destroy(Pid, PidFd);
        Dispose();
    }

    public void Dispose()
    {
        TidyUp();
        _control.Dispose();
        Group.Dispose();
        Console?.Dispose();
        PidFd.Dispose();
    }
}
