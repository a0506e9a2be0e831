using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>
/// What a runner made to mount something on, and what that changed: files and folders that are no part of a step's outcome.
/// </summary>
internal sealed class MountStubs : IDisposable
{
    private readonly ImageTree _below;
    private readonly IReadOnlyList<StepMount> _mounts;

    internal MountStubs(BuildStep step)
    {
        _below = ImageTree.Open(step.LayerFolders);
        _mounts = step.Mounts;
    }

    /// <summary>Takes out of the upper folder what is empty on the way to a mount and not there below, and folders that only their time tells apart from what is below.</summary>
    internal void Remove(IStepOutcome outcome)
    {
        using FileDescriptor upper = Sys.Open(outcome.UpperFolder, OpenMode.ReadOnly | OpenMode.Directory);
        foreach (string target in _mounts.Select(m => m.Target).Concat(outcome.MountPoints))
        {
            // Where a link in the image leads, the mount lies.
            string path = _below.ResolvePath(target);
            while (path.Length > 0 && TryRemove(upper, path, outcome.HostIdBase))
            {
                path = LayerLayout.ParentOf(path);
            }
        }
    }

    public void Dispose() => _below.Dispose();

    private bool TryRemove(FileDescriptor upper, string path, uint hostIdBase)
    {
        string parent = LayerLayout.ParentOf(path), name = path[(path.LastIndexOf('/') + 1)..];
        using FileDescriptor? folder = Sys.TryOpenAt2(upper, parent.Length == 0 ? "." : parent, OpenMode.ReadOnly | OpenMode.Directory, ResolveFlags.Beneath | ResolveFlags.NoSymbolicLinks, 0, out _);
        if (folder is null)
        {
            return true; // not in the upper folder: what is above it may be
        }

        using FileDescriptor? stub = Sys.TryOpenAt2(folder, name, OpenMode.Path | OpenMode.NoFollow, ResolveFlags.Beneath, 0, out _);
        if (stub is null)
        {
            return true;
        }

        FileStatus status = Sys.Status(stub);
        using ImageTreeNode? below = _below.TryFind(path, followLast: false);
        bool isStub = status.Kind == FileKind.Folder
            ? below is null || IsSame(status, below, hostIdBase)
            : below is null && status.Kind == FileKind.Regular && status.SizeBytes == 0;
        if (!isStub)
        {
            return false;
        }

        string place = $"/proc/self/fd/{folder.Number}/{name}";
        if (status.Kind != FileKind.Folder)
        {
            Sys.RemoveFileAt(folder, name);
            return true;
        }

        // One that is not empty has something of the command's; one that hides what is below is its doing too.
        bool hides = below is not null && Sys.TryGetAttribute(place, "trusted.overlay.opaque", 8) is not null;
        return !hides && Sys.TryRemoveDirectory(place, out _);
    }

    /// <summary>But for its time, which a mount point made in it changes.</summary>
    private static bool IsSame(FileStatus upper, ImageTreeNode below, uint hostIdBase) =>
        below.Kind == FileKind.Folder && below.Status.Permissions == upper.Permissions
        && below.Status.Uid + hostIdBase == upper.Uid && below.Status.Gid + hostIdBase == upper.Gid;
}
