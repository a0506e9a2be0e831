using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>A container's own files where this process can reach them, whether it runs or not: where they are in a file system of their own, that is mounted for this while.</summary>
internal sealed class ContainerFiles : IDisposable
{
    private readonly FileDescriptor? _mount;

    private ContainerFiles(BundleLayout layout, FileDescriptor? mount) => (Layout, _mount) = (layout, mount);

    /// <summary>Its paths are good in this process, until it is disposed.</summary>
    internal BundleLayout Layout { get; }

    /// <summary>What its disk has; null where it has none of its own.</summary>
    internal DiskSpace? Space => _mount is null ? null : DiskSpace.Of(_mount);

    /// <exception cref="SyscallException">ENOENT: they are gone.</exception>
    internal static ContainerFiles Open(BundleLayout layout)
    {
        if (!layout.HasDisk)
        {
            return new ContainerFiles(layout, null);
        }

        FileDescriptor mount = DiskImages.Mount(layout.DiskImage);
        return new ContainerFiles(layout with { Files = $"/proc/self/fd/{mount.Number}" }, mount);
    }

    public void Dispose() => _mount?.Dispose();
}
