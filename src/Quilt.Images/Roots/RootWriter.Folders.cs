using Quilt.Linux;

namespace Quilt.Images;

public sealed partial class RootWriter
{
    // Folders that the archive described and whose entries are at hand, outermost first: each gets its time when its last entry is through.
    private readonly List<(string Path, FileDescriptor Folder, FileTime Time)> _described = [];
    private string? _parentPath;
    private FileDescriptor? _parent;

    /// <summary>The folder that a path's last name is in, made where it is missing. Stays ours.</summary>
    private FileDescriptor ParentOf(string path)
    {
        string parent = LiveRoot.FolderOf(path) is { Length: > 0 } folder ? folder : "/";
        if (_parent is not null && _parentPath == parent)
        {
            return _parent;
        }

        (FileDescriptor? before, _parent) = (_parent, null);
        before?.Dispose();
        using FileDescriptor? there = _root.TryOpen(parent, follow: true);
        if (there is null)
        {
            MakeMissing(parent);
        }

        FileDescriptor opened = RootedPath.Open(_root.Root, parent, OpenMode.Path | OpenMode.Directory);
        try
        {
            LiveRoot.RequireFiles(opened, parent);
            _root.RequireLasting(opened, path);
            if (!_root.MayChange(Sys.Status(opened)))
            {
                throw RootErrors.NotOwn(parent);
            }
        }
        catch
        {
            opened.Dispose();
            throw;
        }

        (_parentPath, _parent) = (parent, opened);
        return opened;
    }

    /// <summary>By the container's root, for all to read. What is there already stays as it is.</summary>
    private void MakeMissing(string path)
    {
        // The first that is there decides whether anything may be made.
        string there = path;
        while (true)
        {
            there = LiveRoot.FolderOf(there) is { Length: > 0 } folder ? folder : "/";
            using FileDescriptor? found = _root.TryOpen(there, follow: true);
            if (found is null)
            {
                continue;
            }

            LiveRoot.RequireFiles(found, there);
            _root.RequireLasting(found, path);
            if (!_root.MayChange(Sys.Status(found)))
            {
                throw RootErrors.NotOwn(there);
            }

            break;
        }

        RootedPath.MakeFolders(_root.Root, path, UsualFolder).Dispose();
    }

    /// <summary>Gives folders their times that the next entry does not lie in.</summary>
    /// <param name="keep">So many of the outermost stay.</param>
    private void LeaveFolders(int keep)
    {
        while (_described.Count > keep)
        {
            (_, FileDescriptor folder, FileTime time) = _described[^1];
            _described.RemoveAt(_described.Count - 1);
            using (folder)
            {
                Sys.SetTimes(folder, time);
            }
        }
    }

    private void LeaveFoldersWithout(string path)
    {
        int keep = _described.Count;
        while (keep > 0 && !path.StartsWith(_described[keep - 1].Path + '/', StringComparison.Ordinal))
        {
            keep--;
        }

        LeaveFolders(keep);
    }

    private void ForgetFolders()
    {
        _parent?.Dispose();
        _described.ForEach(d => d.Folder.Dispose());
    }
}
