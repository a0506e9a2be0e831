using Quilt.Images;
using Quilt.Linux;
using Quilt.Oci;

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
    /// <param name="passing">Its root was set up for copies alone, and what is in memory ends with it.</param>
    internal static BorrowedFiles? TryOpen(ProcessIdentity? process, ContainerRecord record, bool passing)
    {
        if (process is not { } init || init.TryOpenMountNamespace() is not { } mounts)
        {
            return null;
        }

        if (init.TryOpenRoot() is { } root)
        {
            return new BorrowedFiles(init, new LiveRoot(root, record.HostIdBase, record.Spec.Limits.MemoryBytes) { PassingMemory = passing ? MemoryOf(record) : [] }, mounts);
        }

        mounts.Dispose();
        return null;
    }

    private static IReadOnlyList<string> MemoryOf(ContainerRecord record) =>
        [.. record.Spec.Tmpfs.Select(t => t.Path), .. StandardMounts.All.Where(m => m.Type == "tmpfs").Select(m => m.Destination)];

    public void Dispose()
    {
        Root.Dispose();
        _mounts.Dispose();
    }
}
