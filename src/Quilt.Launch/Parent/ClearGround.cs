using Quilt.Launch.Child;
using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>A mount namespace with nothing in it, in which a child can be born: it has no root of the host's to leave.</summary>
internal sealed class ClearGround
{
    private const nint Mounts = (nint)NamespaceKind.Mount;
    private readonly FileDescriptor _empty, _home;

    internal ClearGround(FileDescriptor empty) => (_empty, _home) = (empty, Sys.Open("/proc/thread-self/ns/mnt", OpenMode.ReadOnly));

    /// <inheritdoc cref="CloneCall.Clone"/>
    internal unsafe (int Pid, FileDescriptor PidFd) Clone(ChildProgram* program, ulong namespaces, FileDescriptor? cgroup)
    {
        // Each time: a thread that ours has started since, such as the runtime's own, shares the folders with it.
        Sys.UnshareFolders();
        if (Go(_empty) is not Errno.None and { } errno)
        {
            throw new LaunchException(LaunchStage.Clone, errno, "setns to the mount namespace that a container begins in");
        }

        try
        {
            // Nothing is looked up by a path meanwhile: there is none.
            return CloneCall.Clone(program, namespaces, cgroup);
        }
        finally
        {
            if (Go(_home) is not Errno.None and { } failure)
            {
                // No path leads anywhere from here, and whoever was cloned ends with us.
                Environment.FailFast($"setns to our own mount namespace: {failure}");
            }
        }
    }

    private static Errno Go(FileDescriptor mounts) => Raw.Call(SyscallNumbers.Setns, mounts.Number, Mounts) < 0 ? (Errno)Raw.Errno : Errno.None;
}
