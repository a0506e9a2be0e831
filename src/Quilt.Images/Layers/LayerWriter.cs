using System.Buffers;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Makes an archive's entries in a layer folder, each path resolved as the container will see it.</summary>
/// <remarks>
/// A folder's time stays what its own entry says: whoever changes something in it sets the time back, for the folder of the
/// entries at hand once they are through. So nothing need be remembered of a hostile archive's millions of folders.
/// What the layers below have is asked for only where the archive does not say itself: until then they need not be there.
/// </remarks>
internal sealed partial class LayerWriter : IDisposable
{
    private const int BufferBytes = 128 << 10;
    private const uint UsualMode = 0x1ED; // 0755
    private readonly FileDescriptor _root;
    private readonly LowerLayers _parents;
    private readonly UnpackLimits _limits;
    private readonly SpaceLimit.SpaceShare? _space;
    private readonly string _folder;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private LayerView _view;
    private bool _rootIsDescribed;
    private long _bytes;

    /// <param name="space">Counts what is written; null where nobody does.</param>
    internal LayerWriter(string folder, LowerLayers parents, UnpackLimits limits, SpaceLimit.SpaceShare? space)
    {
        (_folder, _parents, _limits, _space) = (folder, parents, limits, space);
        _root = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        _view = LayerView.Open(folder, parents.TopmostFirst);
    }

    internal void Add(ArchiveEntry entry, ArchiveReader content)
    {
        if (entry.Path.Count == 0)
        {
            LeaveParent();
            Describe(entry.Kind == ArchiveEntryKind.Folder ? _root : throw Malformed.Entry(".", "is the layer's root and no folder"), entry);
            _rootIsDescribed = true;
            return;
        }

        if (Whiteout.Of(entry) is { } whiteout)
        {
            Add(whiteout, entry);
            return;
        }

        if (entry.Kind == ArchiveEntryKind.Device)
        {
            RefuseDevice(entry);
            return;
        }

        string name = entry.Path[^1];
        FileDescriptor folder = ParentOf(entry.Path, out _);
        bool replaces = RemoveWhiteout(folder, name);
        switch (entry.Kind)
        {
            case ArchiveEntryKind.Folder:
                MakeFolder(folder, name, entry, replaces);
                break;
            case ArchiveEntryKind.File:
                MakeFile(folder, name, entry, content);
                break;
            case ArchiveEntryKind.SymbolicLink:
                Sys.MakeLinkAt(folder, name, entry.LinkTarget);
                DescribeAt(folder, name, entry);
                break;
            case ArchiveEntryKind.HardLink:
                MakeHardLink(folder, name, entry);
                break;
            default:
                Sys.MakeFifoAt(folder, name, 0);
                DescribeAt(folder, name, entry);
                Sys.SetPermissionsAt(folder, name, entry.Permissions);
                break;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _lastParent?.Dispose();
        _view.Dispose();
        _root.Dispose();
    }

    private void MakeFolder(FileDescriptor parent, string name, ArchiveEntry entry, bool opaque)
    {
        // One that is there already is described anew: archives name a folder again after its content.
        Sys.MakeFolderAt(parent, name, 0x1C0);
        Count(0);
        using FileDescriptor folder = OpenFolder(parent, name, entry);
        if (opaque)
        {
            Opaque.Set(folder);
        }

        Describe(folder, entry);
    }

    private void MakeFile(FileDescriptor parent, string name, ArchiveEntry entry, ArchiveReader content)
    {
        using FileDescriptor file = Sys.OpenAt(parent, name, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, 0x180);
        Count(content.Left);
        if (entry.Sparse is { } map)
        {
            ArchiveContent.Write(file, map, content, _buffer.AsSpan(0, BufferBytes));
        }
        else
        {
            int count;
            while ((count = content.Read(_buffer.AsSpan(0, BufferBytes))) > 0)
            {
                Sys.WriteAll(file, _buffer.AsSpan(0, count), name);
            }
        }

        Describe(file, entry);
    }

    /// <param name="contentBytes">Of a file that is about to be written; 0 for a folder, which takes a block too.</param>
    private void Count(long contentBytes)
    {
        long bytes = LayerSize.OnDisk(Math.Max(contentBytes, 1));
        _space?.Take(bytes);
        _bytes += bytes;
    }

    /// <summary>A second name for what the container would see under the target. What only lower layers have is copied up first.</summary>
    private void MakeHardLink(FileDescriptor parent, string name, ArchiveEntry entry)
    {
        IReadOnlyList<string> target = ArchivePath.Split(entry.LinkTarget, _limits, rooted: true);
        List<string>? folder = target.Count == 0 ? null : _view.Resolve(target.SkipLast(1));
        using LayerNode? node = folder is null ? null : _view.Find([.. folder, target[^1]]);
        if (node is null || node.IsFolder)
        {
            throw Malformed.Entry(entry.DisplayPath, $"is a hard link to '{Text.Printable(entry.LinkTarget)}', which is no file of the image");
        }

        // A descriptor of its own: the folder may be the same one, whose time is about to be set.
        using FileDescriptor targetFolder = MakeFolders(folder!);
        if (node.Layer > 0)
        {
            FileTime before = Sys.Status(targetFolder).Modified;
            CopyUp(node, targetFolder, target[^1]);
            Sys.SetTimes(targetFolder, before);
        }

        Sys.MakeHardLinkAt(targetFolder, target[^1], parent, name);
    }

    /// <summary>Below /dev the runtime lays a folder of its own over whatever an image has there; old images have nodes in it.</summary>
    private static void RefuseDevice(ArchiveEntry entry)
    {
        if (entry.Path[0] != "dev")
        {
            throw Malformed.Entry(entry.DisplayPath, "is a device");
        }
    }

    /// <summary>The owner first: setting it takes set-id bits and capabilities away.</summary>
    private static void Describe(FileDescriptor file, ArchiveEntry entry)
    {
        Sys.SetOwner(file, entry.Uid, entry.Gid);
        Sys.SetPermissions(file, entry.Permissions);
        LayerAttributes.Set(file, entry);
        Sys.SetTimes(file, entry.Modified);
    }

    private static void DescribeAt(FileDescriptor folder, string name, ArchiveEntry entry)
    {
        Sys.SetOwnerAt(folder, name, entry.Uid, entry.Gid);
        Sys.SetTimesAt(folder, name, entry.Modified);
    }

    private static FileDescriptor OpenFolder(FileDescriptor parent, string name, ArchiveEntry entry)
    {
        FileDescriptor? folder = Sys.TryOpenAt2(parent, name, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow, ResolveFlags.Beneath, 0, out Errno errno);
        return folder ?? throw (errno is Errno.ENOTDIR or Errno.ELOOP
            ? Malformed.Entry(entry.DisplayPath, "is there twice, and once it is no folder")
            : new SyscallException("openat2", name, errno));
    }
}
