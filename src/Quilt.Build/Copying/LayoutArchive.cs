using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>A composed layer as an archive: depth first in ordinal order, so that the same files make the same bytes.</summary>
internal sealed class LayoutArchive
{
    private readonly ArchiveWriter _archive;
    private readonly Func<FileTime, FileTime> _time;
    private readonly CancellationToken _cancellation;
    private readonly FirstNames _firstNames = new();

    private LayoutArchive(ArchiveWriter archive, Func<FileTime, FileTime> time, CancellationToken cancellation)
    {
        _archive = archive;
        _time = time;
        _cancellation = cancellation;
    }

    /// <param name="time">The time that is written for a file's own.</param>
    internal static void Write(LayerLayout layout, Stream output, Func<FileTime, FileTime> time, CancellationToken cancellation)
    {
        using ArchiveWriter archive = new(output);
        new LayoutArchive(archive, time, cancellation).WriteChildren(layout.Root, "");
        archive.Complete();
    }

    private void WriteChildren(LayoutNode folder, string path)
    {
        foreach ((string name, LayoutNode child) in folder.Children)
        {
            _cancellation.ThrowIfCancellationRequested();
            Write(child, path.Length == 0 ? name : $"{path}/{name}");
        }
    }

    private void Write(LayoutNode node, string path)
    {
        if (node.Kind == FileKind.Folder)
        {
            if (node.Metadata is { } folder)
            {
                _archive.AddFolder(path, Timed(folder));
            }

            WriteChildren(node, path);
            return;
        }

        ArchiveMetadata metadata = Timed(node.Metadata!.Value);
        if (node.SharedFile is { } file && _firstNames.Before(file, path) is { } first)
        {
            _archive.AddHardLink(path, metadata, first);
        }
        else if (node.Kind == FileKind.SymbolicLink)
        {
            _archive.AddSymbolicLink(path, metadata, node.LinkTarget);
        }
        else if (node.Kind == FileKind.Fifo)
        {
            _archive.AddFifo(path, metadata);
        }
        else
        {
            using Stream content = node.Source?.OpenRead(node.SourcePath) ?? new MemoryStream(node.Content.ToArray(), writable: false);
            _archive.AddFile(path, metadata, node.Size, content);
        }
    }

    private ArchiveMetadata Timed(ArchiveMetadata metadata) => metadata with { Modified = _time(metadata.Modified) };
}
