using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// Layer folders seen as overlayfs merges them, without a mount. Each name is opened by itself and no link by the kernel, so
/// that nothing in a layer leads out of it.
/// </summary>
internal sealed class LayerView : IDisposable
{
    private const int MostLinks = 40;
    private readonly FileDescriptor[] _roots;

    private LayerView(FileDescriptor[] roots) => _roots = roots;

    /// <param name="folders">Topmost first.</param>
    internal static LayerView Open(IReadOnlyList<string> folders)
    {
        List<FileDescriptor> roots = new(folders.Count);
        try
        {
            foreach (string folder in folders)
            {
                roots.Add(Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory));
            }

            return new LayerView([.. roots]);
        }
        catch
        {
            roots.ForEach(r => r.Dispose());
            throw;
        }
    }

    /// <summary>What is there; no link on the way or at the end is followed.</summary>
    /// <returns>Null where there is nothing, or where something on the way is no folder.</returns>
    internal LayerNode? Find(IReadOnlyList<string> names)
    {
        List<LayerNode> folders = [];
        for (int i = 0; i < _roots.Length; i++)
        {
            folders.Add(Folder(_roots[i], i));
        }

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

        // Where it is not one merged folder, the list holds one file or nothing.
        folders.Skip(1).ToList().ForEach(f => f.Dispose());
        return folders.Count > 0 ? folders[0] : null;
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

    public void Dispose() => Array.ForEach(_roots, r => r.Dispose());

    private static List<LayerNode> Children(List<LayerNode> folders, string name)
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
