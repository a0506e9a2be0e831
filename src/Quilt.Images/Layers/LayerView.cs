using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// Layer folders seen as overlayfs merges them, without a mount. Each name is opened by itself and no link by the kernel, so
/// that nothing in a layer leads out of it.
/// </summary>
internal sealed class LayerView : IDisposable
{
    private const int MostLinks = 40;
    private readonly FileDescriptor _top;
    private readonly Func<IReadOnlyList<string>> _lowerFolders;
    private IReadOnlyList<FileDescriptor>? _lower;

    private LayerView(FileDescriptor top, Func<IReadOnlyList<string>> lowerFolders) => (_top, _lowerFolders) = (top, lowerFolders);

    /// <param name="folders">Topmost first.</param>
    internal static LayerView Open(IReadOnlyList<string> folders)
    {
        LayerView view = Open(folders[0], () => [.. folders.Skip(1)]);
        try
        {
            _ = view.Lower();
            return view;
        }
        catch
        {
            view.Dispose();
            throw;
        }
    }

    /// <param name="lowerFolders">Topmost first. Asked for when it is needed: where the top alone does not say what is there.</param>
    internal static LayerView Open(string top, Func<IReadOnlyList<string>> lowerFolders) =>
        new(Sys.Open(top, OpenMode.ReadOnly | OpenMode.Directory), lowerFolders);

    /// <summary>What is there; no link on the way or at the end is followed.</summary>
    /// <returns>Null where there is nothing, or where something on the way is no folder.</returns>
    internal LayerNode? Find(IReadOnlyList<string> names)
    {
        if (TryFindInTop(names, out LayerNode? inTop))
        {
            return inTop;
        }

        List<LayerNode>? levels = FindMerged(names);
        levels?.Skip(1).ToList().ForEach(f => f.Dispose());
        return levels?[0];
    }

    /// <summary>As <see cref="Find"/>: a folder in each layer that shows something of it, topmost first; one of anything else.</summary>
    internal List<LayerNode>? FindMerged(IReadOnlyList<string> names)
    {
        List<LayerNode> folders = [Folder(_top, 0), .. Lower().Select((root, i) => Folder(root, i + 1))];
        foreach (string name in names)
        {
            List<LayerNode> found;
            try
            {
                found = Children(folders, name);
            }
            finally
            {
                folders.ForEach(f => f.Dispose());
            }

            folders = found;
        }

        return folders.Count > 0 ? folders : null;
    }

    /// <summary>The names that lead to the same place without a link. What does not exist is taken as it is written.</summary>
    /// <returns>Null where there are too many links, as in a circle.</returns>
    internal List<string>? Resolve(IEnumerable<string> path)
    {
        int links = 0;
        List<string> real = [];
        Stack<string> left = new(path.Reverse());
        while (left.TryPop(out string? name))
        {
            if (name == "..")
            {
                real.RemoveRange(Math.Max(real.Count - 1, 0), Math.Min(real.Count, 1));
                continue;
            }

            real.Add(name);
            using LayerNode? node = Find(real);
            if (node?.Status.Kind != FileKind.SymbolicLink)
            {
                continue;
            }

            if (++links > MostLinks)
            {
                return null;
            }

            string target = Sys.ReadLink(node.Descriptor);
            real.RemoveRange(target.StartsWith('/') ? 0 : real.Count - 1, target.StartsWith('/') ? real.Count : 1);
            foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").Reverse())
            {
                left.Push(part);
            }
        }

        return real;
    }

    public void Dispose()
    {
        _top.Dispose();
        foreach (FileDescriptor root in _lower ?? [])
        {
            root.Dispose();
        }
    }

    /// <summary>The lower layers' roots, topmost first.</summary>
    private IReadOnlyList<FileDescriptor> Lower()
    {
        if (_lower is null)
        {
            List<FileDescriptor> roots = [];
            _lower = roots; // what is opened so far is closed with the view
            foreach (string folder in _lowerFolders())
            {
                roots.Add(Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory));
            }
        }

        return _lower;
    }

    /// <summary>Whether the topmost layer says by itself what is there, whatever the others have.</summary>
    private bool TryFindInTop(IReadOnlyList<string> names, out LayerNode? node)
    {
        LayerNode at = Folder(_top, 0);
        node = null;
        bool alone = false;
        foreach (string name in names)
        {
            using LayerNode folder = at;
            if (!folder.IsFolder)
            {
                return true;
            }

            alone = alone || Opaque.Is(folder.Descriptor);
            if (Child(folder, name) is not { } child)
            {
                return alone;
            }

            if (child.Status.IsWhiteout)
            {
                child.Dispose();
                return true;
            }

            at = child;
        }

        node = at;
        return true;
    }

    /// <summary>The names in a merged folder, in ordinal order; those that a whiteout hides are among them.</summary>
    internal static IReadOnlyList<string> Names(IReadOnlyList<LayerNode> folders) =>
    [
        .. folders.Where(f => f.IsFolder).SelectMany(f => Sys.EachName(f.Descriptor)).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>One name in a merged folder, merged itself; empty where there is none.</summary>
    internal static List<LayerNode> Children(IReadOnlyList<LayerNode> folders, string name)
    {
        List<LayerNode> found = [];
        foreach (LayerNode folder in folders)
        {
            if (!folder.IsFolder || Child(folder, name) is not { } child)
            {
                continue;
            }

            if (child.Status.IsWhiteout || (found.Count > 0 && !child.IsFolder))
            {
                child.Dispose();
                break;
            }

            found.Add(child);
            if (!child.IsFolder || Opaque.Is(child.Descriptor))
            {
                break;
            }
        }

        return found;
    }

    private static LayerNode? Child(LayerNode folder, string name)
    {
        FileDescriptor? child = Sys.TryOpenAt2(folder.Descriptor, name, OpenMode.Path | OpenMode.NoFollow, ResolveFlags.Beneath, 0, out Errno errno);
        if (child is null)
        {
            return errno is Errno.ENOENT or Errno.ENAMETOOLONG ? null : throw new SyscallException("openat2", name, errno);
        }

        FileStatus status = Sys.Status(child);
        if (status.Kind != FileKind.Folder)
        {
            return new LayerNode(child, status, folder.Layer);
        }

        using (child)
        {
            return Folder(child, folder.Layer);
        }
    }

    private static LayerNode Folder(FileDescriptor folder, int layer)
    {
        FileDescriptor opened = Sys.OpenAt(folder, ".", OpenMode.ReadOnly | OpenMode.Directory);
        return new LayerNode(opened, Sys.Status(opened), layer);
    }
}
