using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

public sealed partial class RootWriter
{
    private const uint OwnersFile = 0x180, OwnersFolder = 0x1C0, SetIds = 0xC00;

    private void Add(ArchiveEntry entry, RootPlace place, ArchiveReader content)
    {
        LeaveFoldersWithout(_at);
        switch (entry.Kind)
        {
            case ArchiveEntryKind.Folder:
                MakeFolder(entry, isTop: entry.Path.Count == 0);
                break;
            case ArchiveEntryKind.File when entry.Path.Count == 0:
                throw Malformed.Entry(".", "is the root of what is copied, and no folder");
            case ArchiveEntryKind.File:
                MakeFile(_at, file => Fill(file, entry, content), content.Left);
                break;
            case ArchiveEntryKind.HardLink:
                MakeHardLink(entry, place);
                break;
            case ArchiveEntryKind.SymbolicLink:
                MakeNode((folder, name) =>
                {
                    Sys.MakeLinkAt(folder, name, entry.LinkTarget);
                    DescribeAt(folder, name, entry);
                });
                break;
            case ArchiveEntryKind.Fifo:
                MakeNode((folder, name) =>
                {
                    Sys.MakeFifoAt(folder, name, 0);
                    Describe(folder, name, entry);
                });
                break;
            default:
                _meter.LeaveOut(entry.DisplayPath, "is a device, and containers make none");
                return;
        }

        _meter.AddEntry();
    }

    /// <summary>One that is there is described anew, but for the one that the archive's root comes into.</summary>
    private void MakeFolder(ArchiveEntry entry, bool isTop)
    {
        string name = NameOf(_at);
        if (name.Length == 0 || (isTop && IsFolder(_at)))
        {
            return;
        }

        FileDescriptor parent = ParentOf(_at);
        if (!Sys.TryMakeFolderAt(parent, name, OwnersFolder))
        {
            using FileDescriptor there = Sys.OpenAt(parent, name, OpenMode.Path);
            FileKind kind = Sys.Status(there).Kind;
            if (kind == FileKind.SymbolicLink && IsFolder(_at))
            {
                return; // a link to a folder stands for it, and stays
            }

            if (kind != FileKind.Folder)
            {
                throw NotAFolder(_at);
            }
        }

        FileDescriptor folder = Sys.OpenAt(parent, name, OpenMode.ReadOnly | OpenMode.Directory);
        try
        {
            if (!_root.IsOwn(Sys.Status(folder).Uid))
            {
                throw RootErrors.NotOwn(_at);
            }

            Describe(folder, entry);
            _described.Add((_at, folder, entry.Modified));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private bool IsFolder(string path)
    {
        using FileDescriptor? there = _root.TryOpen(path, follow: true);
        return there is not null && Sys.Status(there).Kind == FileKind.Folder;
    }

    /// <summary>Written without a name, which it gets when it is whole. Where the file system has no such files, under a name of ours.</summary>
    /// <param name="bytes">That it is about to have.</param>
    private void MakeFile(string path, Action<FileDescriptor> fill, long bytes = 0)
    {
        FileDescriptor parent = ParentOf(path);
        string name = NameOf(path);
        RequireReplaceable(parent, name);
        _memory = _root.MostMemoryBytes > 0 && Sys.FilesystemMagic(parent) == Sys.TmpfsMagic ? parent : null;
        RefuseMemory(bytes);
        string temporary = TemporaryName();
        bool named = false;
        try
        {
            using (FileDescriptor file = TryOpenUnnamed(parent) ?? OpenNamed(parent, temporary, out named))
            {
                fill(file);
                if (!named)
                {
                    Sys.MakeHardLinkTo(file, parent, temporary);
                    named = true;
                }
            }

            Sys.RenameAt(parent, temporary, name);
            named = false;
        }
        finally
        {
            if (named)
            {
                Sys.RemoveFileAt(parent, temporary);
            }
        }
    }

    private static FileDescriptor? TryOpenUnnamed(FileDescriptor folder)
    {
        try
        {
            return Sys.OpenAt(folder, ".", OpenMode.WriteOnly | OpenMode.Unnamed, OwnersFile);
        }
        catch (SyscallException e) when (e.Errno is Errno.EOPNOTSUPP or Errno.EISDIR or Errno.EINVAL)
        {
            return null; // overlayfs before Linux 6.1
        }
    }

    private static FileDescriptor OpenNamed(FileDescriptor folder, string name, out bool named)
    {
        FileDescriptor file = Sys.OpenAt(folder, name, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, OwnersFile);
        named = true;
        return file;
    }

    /// <summary>A name that is taken by no folder goes to what is made.</summary>
    private void MakeNode(Action<FileDescriptor, string> make)
    {
        FileDescriptor parent = ParentOf(_at);
        string name = NameOf(_at), temporary = TemporaryName();
        RequireReplaceable(parent, name);
        make(parent, temporary);
        try
        {
            Sys.RenameAt(parent, temporary, name);
        }
        catch
        {
            Sys.RemoveFileAt(parent, temporary);
            throw;
        }
    }

    /// <summary>A second name of what is there now. It is linked by its descriptor: what was looked at is what is linked.</summary>
    private void MakeHardLink(ArchiveEntry entry, RootPlace place)
    {
        string target = place.PathOf(ArchivePath.Split(entry.LinkTarget, Limits, rooted: true), entry);
        using FileDescriptor? there = _root.TryOpen(target, follow: false);
        FileStatus? status = there is null ? null : Sys.Status(there);
        if (status is null or { Kind: not (FileKind.Regular or FileKind.SymbolicLink or FileKind.Fifo) } || target == _at)
        {
            throw Malformed.Entry(entry.DisplayPath, $"is a hard link to '{Text.Printable(entry.LinkTarget)}', which is no file that was copied");
        }

        if (!_root.IsOwn(status.Value.Uid))
        {
            throw RootErrors.NotOwn(target);
        }

        MakeNode((folder, name) => Sys.MakeHardLinkTo(there!, folder, name));
    }

    private void Fill(FileDescriptor file, ArchiveEntry entry, ArchiveReader content)
    {
        ArchiveContent.Write(file, entry.Sparse, content, _buffer.AsSpan(0, BufferBytes), Count);
        Describe(file, entry);
        Sys.SetTimes(file, entry.Modified);
    }

    /// <summary>The owner first: setting it takes set-id bits and capabilities away.</summary>
    private void Describe(FileDescriptor file, ArchiveEntry entry)
    {
        if (OwnerOf(entry) is { } owner)
        {
            Sys.SetOwner(file, owner.Uid, owner.Gid);
        }

        Sys.SetPermissions(file, PermissionsOf(entry));
        LayerAttributes.RefuseHostile(entry);
        foreach ((string name, byte[] value) in entry.Attributes.Where(a => LayerAttributes.IsKept(a.Key)))
        {
            SetAttribute(file, entry, name, value);
        }
    }

    private void SetAttribute(FileDescriptor file, ArchiveEntry entry, string name, byte[] value)
    {
        bool isCapability = name == LayerAttributes.Capabilities;
        if (isCapability && !_options.KeepPrivileges)
        {
            return;
        }

        try
        {
            Sys.SetAttribute(file, name, isCapability && _root.FirstId is { } first ? FileCapabilities.Shifted(value, first) : value);
        }
        catch (SyscallException e) when (e.Errno is Errno.EINVAL && isCapability)
        {
            throw Malformed.Entry(entry.DisplayPath, "has a capability that is none", e);
        }
        catch (SyscallException e) when (e.Errno is Errno.EOPNOTSUPP or Errno.EPERM)
        {
            _meter.LeaveOut(entry.DisplayPath, $"its attribute {Text.Printable(name)}, which the file system there does not keep");
        }
    }

    private void DescribeAt(FileDescriptor folder, string name, ArchiveEntry entry)
    {
        if (OwnerOf(entry) is { } owner)
        {
            Sys.SetOwnerAt(folder, name, owner.Uid, owner.Gid);
        }

        Sys.SetTimesAt(folder, name, entry.Modified);
    }

    /// <summary>A fifo: held by a descriptor, for a name may be a link by now.</summary>
    private void Describe(FileDescriptor folder, string name, ArchiveEntry entry)
    {
        DescribeAt(folder, name, entry);
        using FileDescriptor fifo = Sys.OpenAt(folder, name, OpenMode.Path);
        Sys.SetPermissionsOf(fifo, PermissionsOf(entry));
    }

    /// <returns>As the host has it; null: whoever made it keeps it.</returns>
    private (uint Uid, uint Gid)? OwnerOf(ArchiveEntry entry) =>
        (_options.KeepOwners ? (entry.Uid, entry.Gid) : _options.Owner) is { } owner
            ? (_root.Outside(owner.Uid, entry.DisplayPath), _root.Outside(owner.Gid, entry.DisplayPath))
            : null;

    private uint PermissionsOf(ArchiveEntry entry) => _options.KeepPrivileges ? entry.Permissions : entry.Permissions & ~SetIds;

    /// <summary>What does not give its name away: a folder, and a file that is mounted there.</summary>
    private static void RequireReplaceable(FileDescriptor parent, string name)
    {
        using FileDescriptor? there = Sys.TryOpenAt2(parent, name, OpenMode.Path | OpenMode.NoFollow, ResolveFlags.Beneath, 0, out _);
        if (name is "" or "." or ".." || (there is not null && Sys.Status(there).Kind == FileKind.Folder))
        {
            throw new SyscallException("renameat", name, Errno.EISDIR);
        }

        // Not by the rename: where the mount is another namespace's, as a container's is, the kernel takes it away rather than refuse.
        using FileDescriptor? below = Sys.TryOpenAt2(parent, name, OpenMode.Path | OpenMode.NoFollow, ResolveFlags.Beneath | ResolveFlags.NoCrossingMounts, 0, out Errno errno);
        if (errno == Errno.EXDEV)
        {
            throw new SyscallException("renameat", name, Errno.EBUSY);
        }
    }

    /// <summary>Pages that we write to memory are not counted as the container's: its limit holds here by what the file system has.</summary>
    /// <param name="bytes">More than there are.</param>
    private void RefuseMemory(long bytes)
    {
        if (_memory is not null && DiskSpace.Of(_memory).UsedBytes + bytes > _root.MostMemoryBytes)
        {
            throw new QuiltException(
                ErrorCode.ResourceExhausted, $"'{Text.Printable(_at)}' lies in memory, which would hold more than the container's limit of {new ByteSize(_root.MostMemoryBytes)}", "copy to a folder on a disk", "path");
        }
    }

    /// <summary>What has been written; others may write there at the same time.</summary>
    private void Count(int bytes)
    {
        _meter.Add(bytes);
        RefuseMemory(0);
    }

    private static string NameOf(string path) => path.TrimEnd('/') is var trimmed ? trimmed[(trimmed.LastIndexOf('/') + 1)..] : "";

    // The kernel's random numbers, and not OpenSSL's: quilt is linked statically, and what it loads brings a second C library whose thread-local
    // storage lies upon our own.
    private static string TemporaryName() => $".quilt-{Guid.NewGuid():N}";
}
