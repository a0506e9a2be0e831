using System.Globalization;
using System.Text;

namespace Quilt.Linux;

/// <summary>
/// Deletes a tree that a container may have made: names are bytes, not text (getdents64(2)); and as deep as it may be, a few descriptors do: what lies
/// deeper than they reach is moved up into the topmost folder first.
/// </summary>
internal sealed unsafe class TreeRemoval(string path)
{
    private const int Deepest = 24;
    private const ResolveFlags Here = ResolveFlags.NoSymbolicLinks | ResolveFlags.NoCrossingMounts;

    private SyscallException? _failure;
    private int _moved;

    internal void Run()
    {
        using FileDescriptor? top = Sys.TryOpen(path, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
        if (top is null)
        {
            return;
        }

        Empty(top.Number, top.Number, 0);
        if (_failure is null && LibC.unlinkat(Sys.AtFdCwd, path, Sys.RemoveDirectoryFlag) < 0)
        {
            Note("unlinkat");
        }

        if (_failure is not null)
        {
            throw _failure;
        }
    }

    /// <summary>Again until nothing more goes: what is moved into a folder, or gone from it, while it is read may be read or not.</summary>
    private void Empty(int folder, int top, int depth)
    {
        byte* buffer = stackalloc byte[FolderEntries.BufferSize];
        bool progress = true;
        while (progress)
        {
            progress = false;
            FolderEntries entries = new(folder, buffer);
            while (entries.MoveNext())
            {
                progress |= Remove(folder, entries.Name, entries.Kind, top, depth);
            }

            if (entries.Failed)
            {
                Note("getdents64");
                return;
            }

            _ = LibC.lseek(folder, 0, 0);
        }
    }

    /// <returns>It is not there any more.</returns>
    private bool Remove(int folder, byte* name, FileKind kind, int top, int depth)
    {
        if (kind != FileKind.Folder)
        {
            int gone = LibC.unlinkat(folder, name, 0);
            if (gone >= 0 || kind != FileKind.Unknown || Sys.LastErrno() != Errno.EISDIR)
            {
                return Done(gone, "unlinkat");
            }
        }

        if (depth == Deepest)
        {
            return MoveUp(folder, name, top);
        }

        int inner = Sys.OpenAt2(folder, name, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow, Here);
        if (inner < 0)
        {
            return Done(inner, "openat2");
        }

        using (new FileDescriptor(inner))
        {
            Empty(inner, top, depth + 1);
        }

        return Done(LibC.unlinkat(folder, name, Sys.RemoveDirectoryFlag), "unlinkat");
    }

    private bool MoveUp(int folder, byte* name, int top)
    {
        while (true)
        {
            byte[] free = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"moved-{_moved++}\0"));
            fixed (byte* to = free)
            {
                if (LibC.renameat(folder, name, top, to) == 0)
                {
                    return true;
                }
            }

            // One of that name is there: theirs, or ours.
            if (Sys.LastErrno() is not (Errno.EEXIST or Errno.ENOTEMPTY or Errno.ENOTDIR))
            {
                Note("renameat");
                return false;
            }
        }
    }

    private bool Done(int result, string call)
    {
        if (result >= 0 || Sys.LastErrno() == Errno.ENOENT)
        {
            return true;
        }

        // A folder in which something could not be deleted: that is what is wrong.
        if (_failure is null || Sys.LastErrno() != Errno.ENOTEMPTY)
        {
            Note(call);
        }

        return false;
    }

    private void Note(string call) => _failure ??= new SyscallException(call, path, Sys.LastErrno());
}
