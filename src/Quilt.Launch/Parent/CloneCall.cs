using Quilt.Launch.Child;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>The clone itself: the child never returns from here.</summary>
internal static unsafe class CloneCall
{
    private const ulong PidFd = 0x1000, ClearSignalHandlers = 0x100000000, IntoCgroup = 0x200000000;
    private const int SigChild = 17;

    /// <summary>
    /// A child that is born in the container's pid namespace, where it is among the joined: nobody comes into one later (setns(2)).
    /// Those inside see it, and can do nothing to it while it is not one of them.
    /// </summary>
    /// <inheritdoc cref="Clone"/>
    internal static (int Pid, FileDescriptor PidFd) CloneInside(ChildProgram* program, FileDescriptor? container, NamespaceKind joined, FileDescriptor? cgroup)
    {
        if (container is null || !joined.HasFlag(NamespaceKind.Pid))
        {
            return Clone(program, 0, cgroup);
        }

        // Before it is there to be looked at, not only by its own first call.
        Sys.KeepMemoryToOurselves();
        using FileDescriptor own = Sys.Open("/proc/thread-self/ns/pid", OpenMode.ReadOnly);
        EnterForChildren(container);
        try
        {
            return Clone(program, 0, cgroup);
        }
        finally
        {
            EnterForChildren(own);
        }
    }

    /// <summary>The calling thread's children are born there from now on.</summary>
    private static void EnterForChildren(FileDescriptor processOrNamespace)
    {
        try
        {
            Sys.JoinNamespaces(processOrNamespace, NamespaceKind.Pid);
        }
        catch (SyscallException e)
        {
            throw new LaunchException(LaunchStage.JoinNamespace, e.Errno, "enter the container's pid namespace", e);
        }
    }

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
