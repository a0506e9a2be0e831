using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>Files of the host that an agent names. What counts is where a path really leads, looked at after it was opened.</summary>
internal static class HostFile
{
    /// <exception cref="QuiltException">InvalidArgument; NotFound; PermissionDenied.</exception>
    internal static FileStream OpenRead(Agent agent, string path, string field)
    {
        using FileDescriptor opened = Open(agent, path, field, OpenMode.ReadOnly | OpenMode.NonBlocking);
        if (Sys.Status(opened).Kind != FileKind.Regular)
        {
            throw QuiltException.Invalid(field, $"'{path}' is no file", "give the path of a file");
        }

        return new FileStream($"/proc/self/fd/{opened.Number}", FileMode.Open, FileAccess.Read);
    }

    /// <returns>The folder, open.</returns>
    /// <exception cref="QuiltException">InvalidArgument; NotFound; PermissionDenied.</exception>
    internal static FileDescriptor OpenFolder(Agent agent, string path, string field, bool readOnly = true)
    {
        FileDescriptor opened = Open(agent, path, field, OpenMode.ReadOnly | OpenMode.NonBlocking, readOnly);
        if (Sys.Status(opened).Kind == FileKind.Folder)
        {
            return opened;
        }

        opened.Dispose();
        throw QuiltException.Invalid(field, $"'{path}' is no folder", "give the path of a folder");
    }

    /// <returns>The folder (O_PATH); null where no folder is there. The grant is asked for first.</returns>
    /// <exception cref="QuiltException">InvalidArgument; PermissionDenied.</exception>
    internal static FileDescriptor? TryOpenFolder(Agent agent, string path, string field, bool readOnly)
    {
        FileDescriptor opened;
        try
        {
            opened = Open(agent, path, field, OpenMode.Path, readOnly);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
        {
            return null;
        }

        if (Sys.Status(opened).Kind == FileKind.Folder)
        {
            return opened;
        }

        opened.Dispose();
        return null;
    }

    /// <returns>Whatever is there (O_PATH).</returns>
    /// <exception cref="QuiltException">InvalidArgument; NotFound; PermissionDenied.</exception>
    internal static FileDescriptor OpenPlace(Agent agent, string path, string field, bool readOnly) => Open(agent, path, field, OpenMode.Path, readOnly);

    /// <returns>Where it really is.</returns>
    /// <exception cref="QuiltException">InvalidArgument; NotFound; PermissionDenied.</exception>
    internal static string Socket(Agent agent, string path, string field)
    {
        using FileDescriptor opened = Open(agent, path, field, OpenMode.Path);
        return Sys.Status(opened).Kind == FileKind.Socket ? PathOf(opened) : throw QuiltException.Invalid(field, $"'{path}' is no socket", "give the path of an ssh agent's socket");
    }

    /// <returns>Where a file or folder really is that a container may have.</returns>
    /// <exception cref="QuiltException">InvalidArgument; NotFound; PermissionDenied.</exception>
    internal static string Mountable(Agent agent, string path, bool readOnly, string field)
    {
        using FileDescriptor opened = Open(agent, path, field, OpenMode.Path, readOnly);
        return Sys.Status(opened).Kind is FileKind.Folder or FileKind.Regular or FileKind.Socket
            ? PathOf(opened)
            : throw QuiltException.Invalid(field, $"'{path}' is no folder, file or socket", "give the path of one");
    }

    /// <summary>Where an open file is now.</summary>
    internal static string PathOf(FileDescriptor opened) => new FileInfo($"/proc/self/fd/{opened.Number}").LinkTarget ?? throw new QuiltException(ErrorCode.NotFound, "the file has gone", "give the path of what is there");

    private static FileDescriptor Open(Agent agent, string path, string field, OpenMode mode, bool readOnly = true)
    {
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
        {
            throw QuiltException.Invalid(field, $"'{path}' is no absolute path", "give one that begins with /");
        }

        // Before anything is looked at: who has no grant shall not learn what exists. So '..' takes a name away, as the text has it:
        // otherwise what stands before it would have to exist.
        string plain = Path.GetFullPath(path);
        Require(agent, plain, $"the path '{path}'", readOnly, field);
        FileDescriptor opened = OpenGranted(agent, path.EndsWith("/.", StringComparison.Ordinal) ? plain + "/." : plain, path, field, mode, readOnly);
        try
        {
            Require(agent, PathOf(opened), LedTo(path), readOnly, field);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Without links first. Behind one that leads out of the grant nobody learns what exists, nor who makes such a link and changes it meanwhile.</summary>
    private static FileDescriptor OpenGranted(Agent agent, string plain, string path, string field, OpenMode mode, bool readOnly)
    {
        using FileDescriptor root = Sys.Open("/", OpenMode.Path | OpenMode.Directory);
        if (Sys.TryOpenAt2(root, plain, mode, ResolveFlags.NoSymbolicLinks, 0, out Errno errno) is { } opened)
        {
            return opened;
        }

        if (errno == Errno.ELOOP)
        {
            opened = Sys.TryOpenAt2(root, plain, mode, ResolveFlags.None, 0, out errno);
            if (opened is not null)
            {
                return opened;
            }

            Require(agent, "/", LedTo(path), readOnly, field);
        }

        throw new QuiltException(ErrorCode.NotFound, $"'{path}' cannot be opened: {errno.Meaning()}", "give the path of what is there", field, new SyscallException("openat2", path, errno));
    }

    private static string LedTo(string path) => $"where the path '{path}' leads";

    private static void Require(Agent agent, string real, string what, bool readOnly, string field)
    {
        HostPathGrant wanted = new() { Path = real.Length > 1 ? real.TrimEnd('/') : real, ReadOnly = readOnly };
        foreach (Agent each in agent.Chain.Where(a => !a.Config.Grant.HostPaths.Any(p => p.Covers(wanted))))
        {
            throw each.Outside("hostPaths", readOnly ? what : $"{what}, to be written,", field, [.. each.Config.Grant.HostPaths.Select(p => p.ReadOnly ? $"{p.Path} (read-only)" : p.Path)]);
        }
    }
}
