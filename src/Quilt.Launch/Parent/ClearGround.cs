using Quilt.Launch.Child;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>A mount namespace with nothing in it, in which a child can be born: it has no root of the host's to leave.</summary>
internal sealed class ClearGround
{
    private const nint Mounts = (nint)NamespaceKind.Mount;
    private readonly FileDescriptor _empty, _home;

    internal ClearGround(FileDescriptor empty)
    {
        (_empty, _home) = (empty, Sys.Open("/proc/thread-self/ns/mnt", OpenMode.ReadOnly));
        Sys.UnshareFolders();
    }

    /// <inheritdoc cref="CloneCall.Clone"/>
    internal unsafe (int Pid, FileDescriptor PidFd) Clone(ChildProgram* program, ulong namespaces, FileDescriptor? cgroup)
    {
        Go(_empty);
        try
        {
            // Nothing is looked up by a path meanwhile: there is none.
            return CloneCall.Clone(program, namespaces, cgroup);
        }
        finally
        {
            Go(_home);
        }
    }

    private static void Go(FileDescriptor mounts)
    {
        if (Raw.Call(SyscallNumbers.Setns, mounts.Number, Mounts) < 0)
        {
            throw new LaunchException(LaunchStage.Clone, (Errno)Raw.Errno, "setns to the mount namespace that a container begins in");
        }
    }
}
