using Microsoft.Win32.SafeHandles;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>Puts files of a tree into a folder of the host's, for a mount: owners, permissions and times as they are.</summary>
internal static class TreeWriter
{
    /// <param name="folder">Empty, and nobody else's. Gets the metadata of what is copied.</param>
    internal static void WriteChildren(TreeSource source, ImageTreeNode from, FileDescriptor folder, CancellationToken cancellation)
    {
        TreeCopy.RefuseDepth(from);
        foreach (ImageTreeNode child in from.Children())
        {
            using (child)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!source.Ignored.Ignores(child.Path))
                {
                    Write(source, child, folder, child.Name, cancellation);
                }
            }
        }

        Describe(folder, source.MetadataOf(from));
    }

    internal static void Write(TreeSource source, ImageTreeNode node, FileDescriptor folder, string name, CancellationToken cancellation)
    {
        ArchiveMetadata metadata = source.MetadataOf(node);
        switch (node.Kind)
        {
            case FileKind.Folder:
                Sys.MakeFolderAt(folder, name, 0x1C0);
                using (FileDescriptor made = Sys.OpenAt(folder, name, OpenMode.ReadOnly | OpenMode.Directory))
                {
                    WriteChildren(source, node, made, cancellation);
                }

                break;
            case FileKind.Regular:
                using (FileDescriptor file = Sys.OpenAt(folder, name, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, 0x180))
                {
                    using (SafeFileHandle handle = new(file.Number, ownsHandle: false))
                    using (FileStream output = new(handle, FileAccess.Write, bufferSize: 0))
                    using (Stream content = node.OpenRead())
                    {
                        content.CopyTo(output);
                    }

                    Describe(file, metadata);
                }

                break;
            case FileKind.SymbolicLink:
                Sys.MakeLinkAt(folder, name, node.LinkTarget());
                Sys.SetOwnerAt(folder, name, metadata.Uid, metadata.Gid);
                Sys.SetTimesAt(folder, name, metadata.Modified);
                break;
            case FileKind.Fifo:
                Sys.MakeFifoAt(folder, name, 0x180);
                Sys.SetOwnerAt(folder, name, metadata.Uid, metadata.Gid);
                Sys.SetPermissionsAt(folder, name, metadata.Permissions);
                break;
            default:
                break; // sockets and devices mean nothing elsewhere
        }
    }

    private static void Describe(FileDescriptor file, ArchiveMetadata metadata)
    {
        Sys.SetOwner(file, metadata.Uid, metadata.Gid);
        Sys.SetPermissions(file, metadata.Permissions);
        foreach ((string name, byte[] value) in metadata.Attributes ?? [])
        {
            Sys.SetAttribute(file, name, value);
        }

        Sys.SetTimes(file, metadata.Modified);
    }
}
