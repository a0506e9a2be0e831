using Quilt.Linux;

namespace Quilt.Images;

internal sealed partial class LayerWriter
{
    private IReadOnlyList<string> _lastPath = [], _lastNames = [];
    private FileDescriptor? _lastParent;
    private FileTime _lastParentTime;

    /// <summary>The folder in this layer in which an entry belongs, made where lower layers or nobody have it. Stays ours; its time is set back when it is left.</summary>
    /// <param name="names">Where it really is, without links.</param>
    private FileDescriptor ParentOf(IReadOnlyList<string> path, out IReadOnlyList<string> names)
    {
        // Entries of one folder come together. What could change what its path means belongs in another one.
        if (_lastParent is null || !IsLastPath(path))
        {
            LeaveParent();
            IReadOnlyList<string> parent = [.. path.SkipLast(1)];
            FileDescriptor? here = TryOpenHere(parent);
            List<string> real = here is not null ? [.. parent] : _view.Resolve(parent) ?? throw Malformed.Entry(string.Join('/', path), "lies behind links that go in a circle");
            here ??= MakeFolders(real);
            (_lastParent, _lastPath, _lastNames, _lastParentTime) = (here, parent, real, Sys.Status(here).Modified);
        }

        names = _lastNames;
        return _lastParent;
    }

    private bool IsLastPath(IReadOnlyList<string> path)
    {
        if (path.Count - 1 != _lastPath.Count)
        {
            return false;
        }

        for (int i = 0; i < _lastPath.Count; i++)
        {
            if (path[i] != _lastPath[i])
            {
                return false;
            }
        }

        return true;
    }

    private void LeaveParent()
    {
        if (_lastParent is { } folder)
        {
            _lastParent = null;
            using (folder)
            {
                Sys.SetTimes(folder, _lastParentTime);
            }
        }
    }

    /// <summary>A folder that this layer has, with no link on the way.</summary>
    private FileDescriptor? TryOpenHere(IReadOnlyList<string> names) => Sys.TryOpenAt2(
        _root, names.Count == 0 ? "." : string.Join('/', names), OpenMode.ReadOnly | OpenMode.Directory, ResolveFlags.Beneath | ResolveFlags.NoSymbolicLinks, 0, out _);

    /// <summary>A folder by its real names; those missing in this layer are made like the ones in lower layers.</summary>
    private FileDescriptor MakeFolders(List<string> real)
    {
        if (FileName.ByteCount(string.Join('/', real)) > _limits.PathBytes)
        {
            throw Malformed.Entry(string.Join('/', real), $"has a path of more than {_limits.PathBytes} bytes behind its links");
        }

        FileDescriptor folder = Sys.OpenAt(_root, ".", OpenMode.ReadOnly | OpenMode.Directory);
        for (int i = 0; i < real.Count; i++)
        {
            using FileDescriptor parent = folder;
            folder = Enter(parent, real, i + 1);
        }

        return folder;
    }

    private FileDescriptor Enter(FileDescriptor parent, List<string> real, int depth)
    {
        string name = real[depth - 1];
        using LayerNode? node = _view.Find([.. real.Take(depth)]);
        if (node is { IsFolder: false })
        {
            throw Malformed.Entry(string.Join('/', real.Take(depth)), "is no folder, and others lie in it");
        }

        if (node is null or { Layer: > 0 })
        {
            FileTime before = Sys.Status(parent).Modified;
            bool replaces = RemoveWhiteout(parent, name);
            Sys.MakeFolderAt(parent, name, 0x1C0);
            Count(0);
            using FileDescriptor made = Sys.OpenAt(parent, name, OpenMode.ReadOnly | OpenMode.Directory);
            if (replaces)
            {
                Opaque.Set(made);
            }

            DescribeLike(made, node);
            Sys.SetTimes(parent, before);
        }

        return Sys.OpenAt(parent, name, OpenMode.ReadOnly | OpenMode.Directory);
    }

    /// <summary>The topmost layer's root is what containers see, so it is like the one below where the archive says nothing of it.</summary>
    private void TakeRootFromParent()
    {
        using LayerView? below = _parents.Topmost() is { } parent ? LayerView.Open([parent]) : null;
        using LayerNode? node = below?.Find([]);
        DescribeLike(_root, node);
    }

    /// <param name="node">A folder; null for what no layer describes: root's, for all to read, of no time.</param>
    private static void DescribeLike(FileDescriptor folder, LayerNode? node)
    {
        Sys.SetOwner(folder, node?.Status.Uid ?? 0, node?.Status.Gid ?? 0);
        Sys.SetPermissions(folder, node?.Status.Permissions ?? UsualMode);
        if (node is not null)
        {
            LayerAttributes.Copy(node.Descriptor, folder);
        }

        Sys.SetTimes(folder, node?.Status.Modified ?? default);
    }

    /// <summary>Copies a lower layer's file, link or fifo here.</summary>
    private void CopyUp(LayerNode node, FileDescriptor folder, string name)
    {
        FileStatus status = node.Status;
        if (status.Kind == FileKind.Regular)
        {
            Count((long)status.SizeBytes);
            using FileDescriptor from = node.OpenContent();
            using FileDescriptor to = Sys.OpenAt(folder, name, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, 0x180);
            int count;
            while ((count = Sys.Read(from, _buffer, name)) > 0)
            {
                Sys.WriteAll(to, _buffer.AsSpan(0, count), name);
            }

            Sys.SetOwner(to, status.Uid, status.Gid);
            Sys.SetPermissions(to, status.Permissions);
            LayerAttributes.Copy(from, to);
        }
        else if (status.Kind == FileKind.SymbolicLink)
        {
            Sys.MakeLinkAt(folder, name, Sys.ReadLink(node.Descriptor));
            Sys.SetOwnerAt(folder, name, status.Uid, status.Gid);
        }
        else
        {
            Sys.MakeFifoAt(folder, name, 0);
            Sys.SetOwnerAt(folder, name, status.Uid, status.Gid);
            Sys.SetPermissionsAt(folder, name, status.Permissions);
        }

        Sys.SetTimesAt(folder, name, status.Modified);
    }
}
