using Quilt.Linux;

namespace Quilt.Images;

internal sealed partial class LayerWriter
{
    private bool _rootIsOpaque, _hasWhiteouts;

    /// <summary>Hides what the layers below show there. What this layer itself has there stays, before or after it in the archive.</summary>
    private void Add(Whiteout whiteout, ArchiveEntry entry)
    {
        if (whiteout.IsNothing)
        {
            return;
        }

        FileDescriptor folder = ParentOf(entry.Path, out IReadOnlyList<string> names);
        _hasWhiteouts = true;
        if (whiteout.Name is not { } name)
        {
            Hide(folder, names);
            return;
        }

        using LayerNode? hidden = _view.Find([.. names, name]);
        if (hidden is { Layer: 0, IsFolder: true })
        {
            Hide(hidden.Descriptor, [.. names, name]);
        }
        else if (hidden is { Layer: > 0 })
        {
            Sys.MakeWhiteoutAt(folder, name);
        }
    }

    /// <summary>Says what could not be said before all was there.</summary>
    internal void Finish()
    {
        LeaveParent();
        if (!_rootIsDescribed)
        {
            TakeRootFromParent();
        }

        if (_rootIsOpaque)
        {
            HideAllOfRoot();
        }

        LayerSize.Note(_root, _bytes + LayerSize.OnDisk(1));
    }

    /// <summary>overlayfs merges the roots whatever is written on them: each name of the lower ones is hidden by itself.</summary>
    private void HideAllOfRoot()
    {
        IReadOnlyList<string> parents = _parents.TopmostFirst();
        using LayerView all = LayerView.Open([_folder, .. parents]);
        FileTime before = Sys.Status(_root).Modified;
        foreach (string name in parents.SelectMany(NamesIn).Distinct())
        {
            using LayerNode? node = all.Find([name]);
            if (node is { Layer: 0, IsFolder: true })
            {
                Opaque.Set(node.Descriptor);
            }
            else if (node is { Layer: > 0 })
            {
                Sys.MakeWhiteoutAt(_root, name);
            }
        }

        Sys.SetTimes(_root, before);
    }

    private static IReadOnlyList<string> NamesIn(string folder)
    {
        using FileDescriptor opened = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        return Sys.Names(opened);
    }

    private void Hide(FileDescriptor folder, IReadOnlyList<string> names)
    {
        // Said again it changes nothing, however often.
        if (names.Count == 0 ? _rootIsOpaque : Opaque.Is(folder))
        {
            return;
        }

        if (names.Count == 0)
        {
            _rootIsOpaque = true;
            _view.Dispose();
            _view = LayerView.Open([_folder]);
            RemoveWhiteouts(_root);
            return;
        }

        FileTime before = Sys.Status(folder).Modified;
        RemoveWhiteouts(folder);
        Opaque.Set(folder);
        Sys.SetTimes(folder, before);
    }

    /// <summary>Where nothing lower shows through, overlayfs takes no look for whiteouts and would list their names.</summary>
    private static void RemoveWhiteouts(FileDescriptor folder)
    {
        FileTime before = Sys.Status(folder).Modified;
        foreach (string name in Sys.Names(folder))
        {
            using FileDescriptor child = Sys.OpenAt(folder, name, OpenMode.Path);
            FileStatus status = Sys.Status(child);
            if (status.IsWhiteout)
            {
                Sys.RemoveFileAt(folder, name);
            }
            else if (status.Kind == FileKind.Folder)
            {
                using FileDescriptor inner = Sys.OpenAt(folder, name, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
                RemoveWhiteouts(inner);
            }
        }

        Sys.SetTimes(folder, before);
    }

    /// <summary>Makes room for what comes after its own whiteout.</summary>
    private bool RemoveWhiteout(FileDescriptor folder, string name)
    {
        if (!_hasWhiteouts)
        {
            return false;
        }

        using FileDescriptor? there = Sys.TryOpenAt2(folder, name, OpenMode.Path | OpenMode.NoFollow, ResolveFlags.Beneath, 0, out _);
        if (there is null || !Sys.Status(there).IsWhiteout)
        {
            return false;
        }

        Sys.RemoveFileAt(folder, name);
        return true;
    }
}
