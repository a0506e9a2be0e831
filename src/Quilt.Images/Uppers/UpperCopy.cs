using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// What a container changed, as a folder that overlayfs takes as a lower one: whiteouts, opaque folders, hard links, holes, times,
/// access lists, capabilities, user attributes and names of any bytes as they are, owners moved into the layers' ids. Blocks are shared where the file
/// system can do that, else copied by the kernel.
/// </summary>
/// <remarks>Nothing may write to the folder meanwhile.</remarks>
public sealed class UpperCopy
{
    private const int LongestValue = 64 << 10;
    private const uint OwnersAlone = 0x1C0, GivenAtCreation = 0x1FF;
    private static readonly uint _umask = Sys.Umask();
    private readonly IdShift _shift;
    private readonly FileDescriptor _target;
    private readonly CancellationToken _cancellation;

    /// <summary>Where the first copy of a file with several names is, from the copy's root.</summary>
    private readonly FirstNames _firstNames = new();
    private readonly ContentCopy _content;
    private long _bytes;

    private UpperCopy(FileDescriptor target, IdShift shift, CancellationToken cancellation) =>
        (_target, _shift, _cancellation, _content) = (target, shift, cancellation, new ContentCopy(cancellation));

    /// <param name="upperFolder">Overlayfs's upper one, or a folder with files of the same ids.</param>
    /// <param name="targetFolder">Empty; nobody else sees it yet.</param>
    /// <returns>What was copied, in bytes on the disk; blocks that are shared count too.</returns>
    /// <exception cref="QuiltException">FailedPrecondition where its folders lie too deep, or overlayfs kept there a part of what is below.</exception>
    /// <exception cref="SyscallException">ENOSPC and others; what was copied is left.</exception>
    public static long Copy(string upperFolder, string targetFolder, IdShift shift, CancellationToken cancellation)
    {
        using FileDescriptor from = Sys.Open(upperFolder, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
        using FileDescriptor to = Sys.Open(targetFolder, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
        UpperCopy copy = new(to, shift, cancellation);
        copy.CopyFolder(from, Sys.Status(from), to, "");
        return copy._bytes;
    }

    /// <summary>A folder's own owner, permissions, attributes and time, without what is in it.</summary>
    public static void CopyFolderAlone(string fromFolder, string targetFolder, IdShift shift)
    {
        using FileDescriptor from = Sys.Open(fromFolder, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
        using FileDescriptor to = Sys.Open(targetFolder, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
        new UpperCopy(to, shift, CancellationToken.None).Describe(from, Sys.Status(from), to, "");
    }

    private void CopyFolder(FileDescriptor from, FileStatus status, FileDescriptor to, string path)
    {
        _cancellation.ThrowIfCancellationRequested();
        FolderNames.RequireShallow(path, "remove it in the container, or move it up");
        foreach (string name in Sys.EachName(from))
        {
            CopyEntry(from, to, name, path.Length == 0 ? name : $"{path}/{name}");
        }

        _bytes += LayerSize.OnDisk(1);
        Describe(from, status, to, path); // last: each name in it has changed its time
    }

    private void CopyEntry(FileDescriptor from, FileDescriptor to, string name, string path)
    {
        FileStatus status = Sys.StatusAt(from, name);
        if (status.Kind != FileKind.Folder && _firstNames.Before(status, path) is { } first)
        {
            LinkTo(first, to, name);
            return;
        }

        switch (status.Kind)
        {
            case FileKind.Folder:
                Sys.MakeFolderAt(to, name, OwnersAlone);
                using (FileDescriptor source = Sys.OpenAt(from, name, OpenMode.ReadOnly | OpenMode.Directory), folder = Sys.OpenAt(to, name, OpenMode.ReadOnly | OpenMode.Directory))
                {
                    CopyFolder(source, status, folder, path);
                }

                break;
            case FileKind.Regular:
                CopyFile(from, to, name, path, status);
                break;
            case FileKind.CharacterDevice when status.IsWhiteout:
                Sys.MakeWhiteoutAt(to, name);
                break;
            case FileKind.SymbolicLink:
                using (FileDescriptor link = Sys.OpenAt(from, name, OpenMode.Path))
                {
                    Sys.MakeLinkAt(to, name, Sys.ReadLink(link));
                }

                DescribeAt(to, name, status);
                break;
            case FileKind.Fifo:
                Sys.MakeFifoAt(to, name, 0);
                DescribeNode(to, name, status);
                break;
            case FileKind.Socket:
                Sys.MakeSocketAt(to, name, 0);
                DescribeNode(to, name, status);
                break;
            default:
                break; // a container can make no device
        }
    }

    private void CopyFile(FileDescriptor fromFolder, FileDescriptor toFolder, string name, string path, FileStatus status)
    {
        using FileDescriptor from = Sys.OpenAt(fromFolder, name, OpenMode.ReadOnly | OpenMode.NonBlocking);
        uint created = status.Permissions & GivenAtCreation & ~_umask;
        using FileDescriptor to = Sys.OpenAt(toFolder, name, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, created);
        _bytes += LayerSize.OnDisk(_content.Copy(from, status, to));
        Describe(from, status, to, path, created);
    }

    private void LinkTo(string first, FileDescriptor folder, string name)
    {
        int slash = first.LastIndexOf('/');
        using FileDescriptor its = RootedPath.Open(_target, slash < 0 ? "." : first[..slash], OpenMode.Path | OpenMode.Directory);
        Sys.MakeHardLinkAt(its, first[(slash + 1)..], folder, name);
    }

    /// <summary>The owner first: setting it takes set-id bits and capabilities away.</summary>
    /// <param name="created">The permissions it has.</param>
    private void Describe(FileDescriptor from, FileStatus status, FileDescriptor to, string path, uint? created = null)
    {
        Sys.SetOwner(to, _shift.Apply(status.Uid), _shift.Apply(status.Gid));
        if (status.Permissions != created)
        {
            Sys.SetPermissions(to, status.Permissions);
        }

        CopyAttributes(from, to, path);
        Sys.SetTimes(to, status.Modified);
    }

    private void CopyAttributes(FileDescriptor from, FileDescriptor to, string path)
    {
        foreach (string name in Sys.AttributeNames(from))
        {
            if (OverlayAttributes.TellsOfPartOnly(name))
            {
                throw OverlayAttributes.PartOnly(path);
            }

            if ((LayerAttributes.IsKept(name) || name is AccessList.Access or AccessList.Default || name == Opaque.Attribute) && Sys.TryGetAttribute(from, name, LongestValue) is { } value)
            {
                SetAttribute(to, name, value);
            }
        }
    }

    private void SetAttribute(FileDescriptor to, string name, byte[] value)
    {
        byte[]? moved = name switch
        {
            // With another's root they mean nothing; what is no layer is mounted without set-id.
            LayerAttributes.Capabilities => _shift.To == 0 ? FileCapabilities.Unshifted(value, _shift.From) : null,
            AccessList.Access or AccessList.Default => AccessList.Shifted(value, _shift),
            _ => value,
        };
        if (moved is not null)
        {
            Sys.SetAttribute(to, name, moved);
        }
    }

    private void DescribeNode(FileDescriptor folder, string name, FileStatus status)
    {
        DescribeAt(folder, name, status);
        Sys.SetPermissionsAt(folder, name, status.Permissions);
    }

    private void DescribeAt(FileDescriptor folder, string name, FileStatus status)
    {
        Sys.SetOwnerAt(folder, name, _shift.Apply(status.Uid), _shift.Apply(status.Gid));
        Sys.SetTimesAt(folder, name, status.Modified);
    }
}
