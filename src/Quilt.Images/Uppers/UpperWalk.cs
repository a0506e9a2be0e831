using Microsoft.Win32.SafeHandles;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>One walk through an upper folder.</summary>
internal sealed class UpperWalk(ArchiveWriter archive, uint hostIdBase, UpperArchiveOptions options, CancellationToken cancellation)
{
    private readonly HashSet<string> _excluded = new(options.Excluded, StringComparer.Ordinal);
    private readonly FileTime? _latest = options.LatestTime is { } time
        ? new FileTime(time.ToUnixTimeSeconds(), (uint)(time.UtcTicks % TimeSpan.TicksPerSecond * 100))
        : null;

    private readonly FirstNames _firstNames = new();

    internal void AddFolder(FileDescriptor folder, string path)
    {
        cancellation.ThrowIfCancellationRequested();

        FolderNames.RequireShallow(path, "remove it in the container, or move it up");
        archive.AddFolder(path, MetadataOf(Sys.Status(folder), folder, path));
        if (Opaque.Is(folder))
        {
            archive.AddOpaque(path);
        }

        foreach (string name in Sys.Names(folder).Order(StringComparer.Ordinal))
        {
            string child = path.Length == 0 ? name : $"{path}/{name}";
            if (!_excluded.Contains(child))
            {
                Add(folder, name, child);
            }
        }
    }

    private void Add(FileDescriptor folder, string name, string path)
    {
        using FileDescriptor node = Sys.OpenAt(folder, name, OpenMode.Path);
        FileStatus status = Sys.Status(node);
        switch (status.Kind)
        {
            case FileKind.Folder:
                using (FileDescriptor inner = Sys.OpenAt(folder, name, OpenMode.ReadOnly | OpenMode.Directory))
                {
                    AddFolder(inner, path);
                }

                break;
            case FileKind.CharacterDevice when status.IsWhiteout:
                archive.AddWhiteout(path);
                break;
            case FileKind.Regular or FileKind.SymbolicLink or FileKind.Fifo when _firstNames.Before(status, path) is { } first:
                archive.AddHardLink(path, MetadataOf(status, null, path), first);
                break;
            case FileKind.Regular:
                AddFile(folder, name, path, status);
                break;
            case FileKind.SymbolicLink:
                archive.AddSymbolicLink(path, MetadataOf(status, null, path), Sys.ReadLink(node));
                break;
            case FileKind.Fifo:
                archive.AddFifo(path, MetadataOf(status, null, path));
                break;
            default:
                break;
        }
    }

    private void AddFile(FileDescriptor folder, string name, string path, FileStatus status)
    {
        using FileDescriptor file = Sys.OpenAt(folder, name, OpenMode.ReadOnly | OpenMode.NonBlocking);
        ArchiveMetadata metadata = MetadataOf(status, file, path);
        using SafeFileHandle handle = new(file.Number, ownsHandle: false);
        using FileStream content = new(handle, FileAccess.Read, bufferSize: 0);
        archive.AddFile(path, metadata, (long)status.SizeBytes, content);
    }

    /// <param name="open">For its attributes; null where it can have none that are kept.</param>
    private ArchiveMetadata MetadataOf(FileStatus status, FileDescriptor? open, string path) => new(
        status.Permissions, Unshifted(status.Uid), Unshifted(status.Gid), Clamped(status.Modified), open is null ? null : AttributesOf(open, path));

    private List<KeyValuePair<string, byte[]>> AttributesOf(FileDescriptor file, string path)
    {
        if (OverlayAttributes.HoldsPartOnly(file))
        {
            throw OverlayAttributes.PartOnly(path);
        }

        List<KeyValuePair<string, byte[]>> attributes = [];
        foreach ((string name, byte[] value) in LayerAttributes.Read(file))
        {
            byte[]? kept = name == LayerAttributes.Capabilities ? FileCapabilities.Unshifted(value, hostIdBase) : value;
            if (kept is not null)
            {
                attributes.Add(new(name, kept));
            }
        }

        return attributes;
    }

    private uint Unshifted(uint id) => new IdShift(hostIdBase, 0).Apply(id);

    private FileTime Clamped(FileTime time) =>
        _latest is { } latest && (time.Seconds > latest.Seconds || (time.Seconds == latest.Seconds && time.Nanoseconds > latest.Nanoseconds)) ? latest : time;
}
