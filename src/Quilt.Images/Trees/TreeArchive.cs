using Quilt.Linux;

namespace Quilt.Images;

/// <summary>A tree's files as one archive, such as <c>docker export</c> writes.</summary>
public static class TreeArchive
{
    /// <summary>Depth first in ordinal order; hard links are kept, sockets and devices left out.</summary>
    /// <param name="includes">Of a path without a slash at its ends, and whether it is a folder; null: all.</param>
    public static void Write(ImageTree tree, Stream output, Func<string, bool, bool>? includes, CancellationToken cancellation)
    {
        using ArchiveWriter archive = new(output);
        using ImageTreeNode root = tree.Root();
        Dictionary<(DeviceNumber, ulong), string> written = [];
        AddChildren(root, archive, includes, written, cancellation);
        archive.Complete();
    }

    private static void AddChildren(ImageTreeNode folder, ArchiveWriter archive, Func<string, bool, bool>? includes, Dictionary<(DeviceNumber, ulong), string> written, CancellationToken cancellation)
    {
        foreach (ImageTreeNode child in folder.Children())
        {
            cancellation.ThrowIfCancellationRequested();
            using (child)
            {
                if (includes?.Invoke(child.Path, child.Kind == FileKind.Folder) ?? true)
                {
                    Add(child, archive, includes, written, cancellation);
                }
            }
        }
    }

    private static void Add(ImageTreeNode node, ArchiveWriter archive, Func<string, bool, bool>? includes, Dictionary<(DeviceNumber, ulong), string> written, CancellationToken cancellation)
    {
        switch (node.Kind)
        {
            case FileKind.Folder:
                archive.AddFolder(node.Path, node.Metadata());
                AddChildren(node, archive, includes, written, cancellation);
                break;
            case FileKind.Regular when !written.TryAdd((node.Status.Device, node.Status.Inode), node.Path):
                archive.AddHardLink(node.Path, node.Metadata(), written[(node.Status.Device, node.Status.Inode)]);
                break;
            case FileKind.Regular:
                using (Stream content = node.OpenRead())
                {
                    archive.AddFile(node.Path, node.Metadata(), (long)node.Status.SizeBytes, content);
                }

                break;
            case FileKind.SymbolicLink:
                archive.AddSymbolicLink(node.Path, node.Metadata(), node.LinkTarget());
                break;
            case FileKind.Fifo:
                archive.AddFifo(node.Path, node.Metadata());
                break;
        }
    }
}
