using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>Puts files of a tree into a layout, by Docker's rules of what goes where.</summary>
/// <param name="excluded">Of <c>--exclude</c>: relative to the folder that is copied.</param>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#copy"/>
internal sealed class TreeCopy(LayerLayout layout, TreeSource source, IgnoreFile excluded, CancellationToken cancellation)
{
    private const int Deepest = 1000;

    /// <param name="path">In the tree, without wildcards; links in it are followed.</param>
    /// <param name="destination">Absolute. A slash at its end makes it a folder.</param>
    /// <returns>False where there is nothing, or what is there is ignored.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: what is there stands in the way.</exception>
    internal bool TryCopy(string path, string destination)
    {
        if (IsIgnored(string.Join('/', SlashPath.Names(path))))
        {
            return false;
        }

        using ImageTreeNode? node = source.Tree.TryFind(path);
        if (node is null || (node.Path.Length > 0 && IsIgnored(node.Path)))
        {
            return false;
        }

        string name = SlashPath.Name(path);
        string target = layout.Resolve(destination);
        layout.MakeFolders(destination.EndsWith('/') || node.Kind == FileKind.Folder ? target : LayerLayout.ParentOf(target));
        if (node.Kind == FileKind.Folder)
        {
            CopyChildren(node, target, "");
        }
        else if (!excluded.Ignores(name))
        {
            Put(node, layout.KindAt(target) == FileKind.Folder ? Join(target, name) : target);
        }

        return true;
    }

    /// <summary>With the folders above it, from a folder of the tree on (<c>--parents</c>).</summary>
    /// <param name="from">What the folders are kept below of; resolved, empty for the root.</param>
    /// <param name="relative">Below it, no part of it a link.</param>
    internal void CopyWithParents(string from, string relative, string destination)
    {
        string target = layout.Resolve(destination);
        layout.MakeFolders(target);
        string[] names = SlashPath.Names(relative);
        string at = from;
        for (int i = 0; i < names.Length; i++)
        {
            at = Join(at, names[i]);
            target = Join(target, names[i]);
            using ImageTreeNode node = source.Tree.TryFind(at, followLast: false) ?? throw new InvalidOperationException("a match is gone");
            if (node.Kind != FileKind.Folder)
            {
                PutUnlessExcluded(node, target, string.Join('/', names[..(i + 1)]));
                return;
            }

            layout.PutFolder(target, source.MetadataOf(node));
            if (i == names.Length - 1)
            {
                CopyChildren(node, target, relative);
            }
        }
    }

    internal static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    /// <summary>Each level is a call of ours: a tree without end would end the process.</summary>
    internal static void RefuseDepth(ImageTreeNode folder)
    {
        if (folder.Path.AsSpan().Count('/') > Deepest)
        {
            throw new QuiltException(ErrorCode.InvalidArgument, $"folders are nested more than {Deepest} deep", "copy less of them", "context");
        }
    }

    private bool IsIgnored(string path) => path.Length > 0 && source.Ignored.Ignores(path);

    /// <param name="relative">To what is copied, for what is excluded.</param>
    /// <returns>Whether anything came of it.</returns>
    private bool CopyChildren(ImageTreeNode folder, string target, string relative)
    {
        RefuseDepth(folder);
        bool any = false;
        foreach (ImageTreeNode child in folder.Children())
        {
            using (child)
            {
                cancellation.ThrowIfCancellationRequested();
                string place = Join(target, child.Name), path = Join(relative, child.Name);
                any |= child.Kind == FileKind.Folder ? CopyFolder(child, place, path) : PutUnlessExcluded(child, place, path);
            }
        }

        return any;
    }

    private bool CopyFolder(ImageTreeNode folder, string target, string relative)
    {
        bool ignored = IsIgnored(folder.Path) || excluded.Ignores(relative);
        if (!ignored)
        {
            layout.PutFolder(target, source.MetadataOf(folder));
        }
        else if (!source.Ignored.HasExceptions && !excluded.HasExceptions)
        {
            return false;
        }

        bool any = CopyChildren(folder, target, relative);
        if (ignored && any)
        {
            // Something in it is not ignored: the folder itself comes with it.
            layout.PutFolder(target, source.MetadataOf(folder));
        }

        return any || !ignored;
    }

    private bool PutUnlessExcluded(ImageTreeNode node, string target, string relative)
    {
        if (IsIgnored(node.Path) || excluded.Ignores(relative))
        {
            return false;
        }

        Put(node, target);
        return true;
    }

    private void Put(ImageTreeNode node, string target)
    {
        switch (node.Kind)
        {
            case FileKind.Regular:
                FileStatus status = node.Status;
                layout.Put(target, node.Kind, source.MetadataOf(node), metadata => new LayoutNode(node.Kind, metadata)
                {
                    Source = source,
                    SourcePath = node.Path,
                    Size = (long)status.SizeBytes,
                    SharedFile = status.Links > 1 ? (status.Device, status.Inode) : null,
                });
                break;
            case FileKind.SymbolicLink:
                layout.Put(target, node.Kind, source.MetadataOf(node), metadata => new LayoutNode(node.Kind, metadata) { LinkTarget = node.LinkTarget() });
                break;
            case FileKind.Fifo:
                layout.Put(target, node.Kind, source.MetadataOf(node), metadata => new LayoutNode(node.Kind, metadata));
                break;
            case FileKind.Socket:
                break; // means nothing without the program that listens
            default:
                throw new QuiltException(ErrorCode.FailedPrecondition, $"'{Text.Printable(node.Path)}' is a device, and images hold none", "leave it out, by a .dockerignore or --exclude", "context");
        }
    }
}
