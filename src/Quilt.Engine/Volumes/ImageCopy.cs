using System.Globalization;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>Copies what an image shows into a container's own files: owners moved into its range of host ids, permissions, times, links and user attributes as they are.</summary>
/// <param name="hostIdBase">The container's first.</param>
internal sealed class ImageCopy(uint hostIdBase, CancellationToken cancellation)
{
    // Each level holds folders open.
    private const int Deepest = 256;
    private const uint OwnersAlone = 0x1C0, UsualFolder = 0x1ED;

    // As the kernel shows an owner that the container's range does not have (user_namespaces(7)).
    private const uint Nobody = 65534;

    // Where the first copy of a file with several names is, from the copy's root.
    private readonly Dictionary<(DeviceNumber, ulong), string> _known = [];
    private readonly ContentCopy _content = new(cancellation);

    /// <param name="from">A folder.</param>
    /// <param name="to">Empty; nobody else sees it yet.</param>
    /// <exception cref="QuiltException">FailedPrecondition: the image's folders lie too deep.</exception>
    internal void Folder(ImageTreeNode from, FileDescriptor to)
    {
        _known.Clear();
        Folder(from, to, to, "", 0);
    }

    /// <summary>A new folder of the container's root.</summary>
    internal void Own(FileDescriptor folder)
    {
        Sys.SetOwner(folder, hostIdBase, hostIdBase);
        Sys.SetPermissions(folder, UsualFolder);
    }

    /// <summary>The owner first: setting it takes set-id bits away. File capabilities count for nothing on a mount without set-id, and are left.</summary>
    internal void Describe(ImageTreeNode from, FileDescriptor to)
    {
        FileStatus status = from.Status;
        Sys.SetOwner(to, HostId(status.Uid), HostId(status.Gid));
        Sys.SetPermissions(to, status.Permissions);
        foreach ((string name, byte[] value) in from.Attributes().Where(a => a.Key.StartsWith("user.", StringComparison.Ordinal)))
        {
            Sys.SetAttribute(to, name, value);
        }

        Sys.SetTimes(to, status.Modified);
    }

    private void Folder(ImageTreeNode from, FileDescriptor to, FileDescriptor root, string path, int depth)
    {
        if (depth > Deepest)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, string.Create(CultureInfo.InvariantCulture, $"a volume of the image has folders more than {Deepest} deep"), "use another image, or a tmpfs at the volume's path", "image");
        }

        foreach (ImageTreeNode child in from.Children())
        {
            using (child)
            {
                cancellation.ThrowIfCancellationRequested();
                Entry(child, to, root, $"{path}/{child.Name}", depth);
            }
        }

        // Last: each name in it has changed its time.
        Describe(from, to);
    }

    private void Entry(ImageTreeNode from, FileDescriptor folder, FileDescriptor root, string path, int depth)
    {
        string name = from.Name;
        switch (from.Kind)
        {
            case FileKind.Folder:
                Sys.MakeFolderAt(folder, name, OwnersAlone);
                using (FileDescriptor copy = Sys.OpenAt2(folder, name, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow, ResolveFlags.Beneath))
                {
                    Folder(from, copy, root, path, depth + 1);
                }

                break;
            case FileKind.Regular:
                File(from, folder, root, path);
                break;
            case FileKind.SymbolicLink:
                Sys.MakeLinkAt(folder, name, from.LinkTarget());
                DescribeAt(from, folder);
                break;
            case FileKind.Fifo:
                Sys.MakeFifoAt(folder, name, 0);
                DescribeAt(from, folder);
                Sys.SetPermissionsAt(folder, name, from.Status.Permissions);
                break;
            default:
                break; // no image has a device, and a socket is nothing without who listens on it
        }
    }

    private void File(ImageTreeNode from, FileDescriptor folder, FileDescriptor root, string path)
    {
        FileStatus status = from.Status;
        if (status.Links > 1 && !_known.TryAdd((status.Device, status.Inode), path))
        {
            string first = _known[(status.Device, status.Inode)];
            int slash = first.LastIndexOf('/');
            using FileDescriptor its = RootedPath.Open(root, first[..(slash + 1)], OpenMode.Path | OpenMode.Directory);
            Sys.MakeHardLinkAt(its, first[(slash + 1)..], folder, from.Name);
            return;
        }

        using FileDescriptor copy = Sys.OpenAt(folder, from.Name, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive | OpenMode.NoFollow, 0x180);
        using FileDescriptor content = from.OpenContent();
        _content.Copy(content, status, copy);
        Describe(from, copy);
    }

    private void DescribeAt(ImageTreeNode from, FileDescriptor folder)
    {
        Sys.SetOwnerAt(folder, from.Name, HostId(from.Status.Uid), HostId(from.Status.Gid));
        Sys.SetTimesAt(folder, from.Name, from.Status.Modified);
    }

    private uint HostId(uint id) => hostIdBase + (id < HostIdBlocks.IdsPerContainer ? id : Nobody);
}
