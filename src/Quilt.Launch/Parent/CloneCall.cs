using Quilt.Launch.Child;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>The clone itself: the child never returns from here.</summary>
internal static unsafe class CloneCall
{
    private const ulong PidFd = 0x1000, ClearSignalHandlers = 0x100000000, IntoCgroup = 0x200000000;
    private const int SigChild = 17;

    /// <returns>The child and a descriptor of it.</returns>
    internal static (int Pid, FileDescriptor PidFd) Clone(ChildProgram* program, ulong namespaces, FileDescriptor? cgroup)
    {
        int pidFd = -1;
        CloneArgs args = new()
        {
            Flags = namespaces | PidFd | ClearSignalHandlers | (cgroup is null ? 0 : IntoCgroup),
            PidFd = (ulong)&pidFd,
            ExitSignal = SigChild,
            Cgroup = (ulong)(cgroup?.Number ?? 0),
        };

        // No signal may run a handler of the runtime's in the child.
        ulong all = ulong.MaxValue, before = 0;
        const int block = 0, set = 2;
        Raw.Call(SyscallNumbers.RtSigprocmask, block, (nint)(&all), (nint)(&before), 8);
        nint pid = Raw.Call(SyscallNumbers.Clone3, (nint)(&args), sizeof(CloneArgs));
        if (pid == 0)
        {
            ContainerProcess.Run(program);
        }

        int errno = Raw.Errno;
        Raw.Call(SyscallNumbers.RtSigprocmask, set, (nint)(&before), 0, 8);
        return pid > 0
            ? ((int)pid, new FileDescriptor(pidFd))
            : throw new LaunchException(LaunchStage.Clone, (Errno)errno, "clone3");
    }
}
