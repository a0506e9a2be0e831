using Microsoft.Win32.SafeHandles;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Writes what is in a live root to an archive. Nothing but files and folders is opened; links are told, not followed.</summary>
/// <remarks>Runs on a <see cref="FileThread"/>. A file that becomes shorter while it is read ends in zeros, as with GNU tar, and is named in the report.</remarks>
public sealed class RootReader(LiveRoot root, IProgress<CopyProgress>? progress, CancellationToken cancellation)
{
    private const int WorthLooking = 64 << 10;
    private readonly CopyMeter _meter = new(progress, cancellation);
    private readonly FirstNames _firstNames = new();

    /// <param name="path">In the root. It is named in the archive by its last name; one that ends with <c>/.</c>, and the root, is <c>.</c> there.</param>
    /// <param name="follow">A link at the path's end stands for what it leads to; so it does before a slash.</param>
    /// <exception cref="QuiltException">NotFound; PermissionDenied; FailedPrecondition: it is a device or a socket, a part of /proc or its like, or its folders lie too deep.</exception>
    public CopyReport Pack(string path, bool follow, Stream output)
    {
        try
        {
            string plain = path.TrimEnd('/');
            bool isFolder = path.EndsWith('/') || plain.EndsWith("/.", StringComparison.Ordinal) || plain is "" or ".";
            using FileDescriptor node = root.TryOpen(path, follow || isFolder) ?? throw NothingAt(path);
            if (isFolder && Sys.Status(node).Kind != FileKind.Folder)
            {
                throw new QuiltException(ErrorCode.FailedPrecondition, $"'{Text.Printable(path)}' is no folder", "leave the slash at its end out", "path");
            }

            string name = plain[(plain.LastIndexOf('/') + 1)..];
            return Pack(node, name is "." or ".." ? "" : name, output);
        }
        catch (SyscallException e)
        {
            throw RootErrors.Of(e, path);
        }
    }

    /// <param name="node">What is to be packed (O_PATH).</param>
    /// <param name="name">In the archive; empty: what is in the folder, without a name for itself.</param>
    /// <inheritdoc cref="Pack(string, bool, Stream)"/>
    public CopyReport Pack(FileDescriptor node, string name, Stream output)
    {
        try
        {
            LiveRoot.RequireFiles(node, name);
            FileStatus status = Sys.Status(node);
            if (status.Kind is not (FileKind.Folder or FileKind.Regular or FileKind.SymbolicLink or FileKind.Fifo))
            {
                throw new QuiltException(ErrorCode.FailedPrecondition, $"'{Text.Printable(name)}' is a device or a socket, which has no content to copy", "give a file, a folder or a link", "path");
            }

            if (!root.MayRead(status))
            {
                throw RootErrors.NotReadable(name);
            }

            using ArchiveWriter archive = new(output);
            Add(archive, node, status, name);
            archive.Complete();
            return _meter.Report;
        }
        catch (SyscallException e)
        {
            throw RootErrors.Of(e, name);
        }
    }

    /// <summary>A part of a file.</summary>
    /// <param name="path">Links are followed.</param>
    /// <param name="most">In bytes.</param>
    /// <returns>What is there, and the size of all.</returns>
    /// <exception cref="QuiltException">NotFound; FailedPrecondition: it is no file; PermissionDenied.</exception>
    public (byte[] Content, FileStatus Status) Read(string path, long offset, int most)
    {
        try
        {
            using FileDescriptor node = root.TryOpen(path, follow: true) ?? throw NothingAt(path);
            LiveRoot.RequireFiles(node, path);
            FileStatus status = Sys.Status(node);
            if (status.Kind != FileKind.Regular)
            {
                throw new QuiltException(
                    ErrorCode.FailedPrecondition, $"'{Text.Printable(path)}' is {(status.Kind == FileKind.Folder ? "a folder" : "no file")}", status.Kind == FileKind.Folder ? "ask for an archive, or list it by an exec" : "give the path of a file", "path");
            }

            if (!root.MayRead(status))
            {
                throw RootErrors.NotReadable(path);
            }

            using FileDescriptor file = Sys.Reopen(node);
            using SafeFileHandle handle = new(file.Number, ownsHandle: false);
            byte[] content = new byte[Math.Clamp((long)status.SizeBytes - offset, 0, most)];
            int total = 0, count;
            while (total < content.Length && (count = RandomAccess.Read(handle, content.AsSpan(total), offset + total)) > 0)
            {
                total += count;
            }

            return (content[..total], status with { Uid = root.Inside(status.Uid), Gid = root.Inside(status.Gid) });
        }
        catch (SyscallException e)
        {
            throw RootErrors.Of(e, path);
        }
    }

    private static QuiltException NothingAt(string path) => new(ErrorCode.NotFound, $"there is no '{Text.Printable(path)}'", "give the path of what is there", "path");

    private void Add(ArchiveWriter archive, FileDescriptor node, FileStatus status, string path)
    {
        _meter.AddEntry();
        switch (status.Kind)
        {
            case FileKind.Folder:
                AddFolder(archive, node, status, path);
                break;
            case FileKind.Regular or FileKind.SymbolicLink or FileKind.Fifo when _firstNames.Before(status, path) is { } first:
                archive.AddHardLink(path, MetadataOf(status, null), first);
                break;
            case FileKind.Regular:
                AddFile(archive, node, path);
                break;
            case FileKind.SymbolicLink:
                archive.AddSymbolicLink(path, MetadataOf(status, null), Sys.ReadLink(node));
                break;
            default:
                archive.AddFifo(path, MetadataOf(status, null));
                break;
        }
    }

    private void AddFolder(ArchiveWriter archive, FileDescriptor node, FileStatus status, string path)
    {
        FolderNames.RequireShallow(path, "copy what lies deeper by itself", "path");
        using FileDescriptor folder = Sys.OpenAt(node, ".", OpenMode.ReadOnly | OpenMode.Directory);
        archive.AddFolder(path, MetadataOf(status, folder));
        foreach (string name in Sys.Names(folder).Order(StringComparer.Ordinal))
        {
            string inner = path.Length == 0 ? name : $"{path}/{name}";
            using FileDescriptor? child = Sys.TryOpenAt2(folder, name, OpenMode.Path | OpenMode.NoFollow, ResolveFlags.Beneath, 0, out Errno errno);
            if (child is not null)
            {
                AddChild(archive, child, inner, status.Device);
            }
            else if (errno != Errno.ENOENT)
            {
                throw new SyscallException("openat2", inner, errno);
            }
        }
    }

    /// <param name="device">Of the file system that its folder is on.</param>
    private void AddChild(ArchiveWriter archive, FileDescriptor child, string path, DeviceNumber device)
    {
        FileStatus status = Sys.Status(child);
        string? why = status.Kind switch
        {
            FileKind.Socket => "is a socket",
            FileKind.CharacterDevice or FileKind.BlockDevice => "is a device",
            _ when status.Device != device && !LiveRoot.HoldsFiles(child) => "is the kernel's own",
            FileKind.Regular or FileKind.Folder when !root.MayRead(status) => "belongs to nobody in the container",
            _ => null,
        };
        if (why is null)
        {
            Add(archive, child, status, path);
        }
        else
        {
            _meter.LeaveOut(path, why);
        }
    }

    private void AddFile(ArchiveWriter archive, FileDescriptor node, string path)
    {
        using FileDescriptor file = Sys.Reopen(node);
        FileStatus status = Sys.Status(file); // of now, which is what is read
        long size = (long)status.SizeBytes;
        using SafeFileHandle handle = new(file.Number, ownsHandle: false);
        bool shrank = false;
        int ReadAt(long offset, Span<byte> buffer)
        {
            int count = RandomAccess.Read(handle, buffer, offset);
            shrank |= count == 0;
            _meter.Add(count);
            return count;
        }

        if (PiecesOf(file, size) is { } pieces)
        {
            archive.AddSparseFile(path, MetadataOf(status, file), pieces, size, ReadAt);
        }
        else
        {
            archive.AddLiveFile(path, MetadataOf(status, file), size, ReadAt);
        }

        if (shrank)
        {
            _meter.LeaveOut(path, "became shorter while it was read; it ends in zeros");
        }
    }

    /// <summary>Where a file has content.</summary>
    /// <returns>Null: everywhere.</returns>
    private static List<SparseSegment>? PiecesOf(FileDescriptor file, long size)
    {
        if (size < WorthLooking || Sys.NextHole(file, 0) >= size)
        {
            return null;
        }

        List<SparseSegment> pieces = [];
        long end = 0;
        while (end < size && Sys.NextData(file, end) is { } begin && begin < size)
        {
            // One that is in too many pieces is told as having no more holes.
            end = pieces.Count < SparseMap.MostSegments - 2 ? Math.Min(Sys.NextHole(file, begin), size) : size;
            pieces.Add(new SparseSegment(begin, end - begin));
        }

        // GNU tar takes the file's end from the last piece.
        if (end < size)
        {
            pieces.Add(new SparseSegment(size, 0));
        }

        return pieces;
    }

    /// <param name="open">For its attributes; null where it can have none that are kept.</param>
    private ArchiveMetadata MetadataOf(FileStatus status, FileDescriptor? open) => new(
        status.Permissions, root.Inside(status.Uid), root.Inside(status.Gid), status.Modified, open is null ? null : AttributesOf(open));

    private List<KeyValuePair<string, byte[]>> AttributesOf(FileDescriptor file)
    {
        List<KeyValuePair<string, byte[]>> attributes = [];
        foreach ((string name, byte[] value) in LayerAttributes.Read(file))
        {
            if ((name == LayerAttributes.Capabilities && root.FirstId is { } first ? FileCapabilities.Unshifted(value, first) : value) is { } kept)
            {
                attributes.Add(new(name, kept));
            }
        }

        return attributes;
    }
}
