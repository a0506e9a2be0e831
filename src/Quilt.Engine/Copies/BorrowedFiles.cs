using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>A container's files for the time of a copy.</summary>
internal sealed class BorrowedFiles : IDisposable
{
    // Held so that what is mounted stays where it is, also when the container's last process ends: what goes to a volume goes there or nowhere.
    private readonly FileDescriptor _mounts;

    private BorrowedFiles(ProcessIdentity init, LiveRoot root, FileDescriptor mounts) => (Init, Root, _mounts) = (init, root, mounts);

    /// <summary>Whose they are.</summary>
    internal ProcessIdentity? Init { get; }

    internal LiveRoot Root { get; }

    /// <returns>Null where the process has ended.</returns>
    internal static BorrowedFiles? TryOpen(ProcessIdentity? process, ContainerRecord record)
    {
        if (process is not { } init || init.TryOpenMountNamespace() is not { } mounts)
        {
            return null;
        }

        if (init.TryOpenRoot() is { } root)
        {
            return new BorrowedFiles(init, new LiveRoot(root, record.HostIdBase, record.Spec.Limits.MemoryBytes), mounts);
        }

        mounts.Dispose();
        return null;
    }

    public void Dispose()
    {
        Root.Dispose();
        _mounts.Dispose();
    }
}
