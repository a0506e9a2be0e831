namespace Quilt.Linux;

/// <summary>
/// Paths inside a root filesystem that a hostile party writes. Each is resolved with that root as <c>/</c>, by descriptor, so
/// that no link, <c>..</c> or exchange of folders while we look leads outside.
/// </summary>
public static class RootedPath
{
    private const ResolveFlags Inside = ResolveFlags.InRoot | ResolveFlags.NoMagicLinks;

    /// <summary>How long one opening goes on while somebody renames against it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <param name="root">The folder that is <c>/</c>; O_PATH is enough.</param>
    /// <param name="path">Absolute or relative; both begin at the root.</param>
    /// <exception cref="SyscallException">EAGAIN where renames disturbed it for all of <see cref="Patience"/>.</exception>
    public static FileDescriptor Open(FileDescriptor root, string path, OpenMode flags, uint mode = 0) =>
        TryOpen(root, path, flags, mode, out Errno errno) ?? throw new SyscallException("openat2", path, errno);

    /// <summary>As <see cref="Open"/>; null and the error number where it fails.</summary>
    public static FileDescriptor? TryOpen(FileDescriptor root, string path, OpenMode flags, uint mode, out Errno errno)
    {
        FileDescriptor? file = Sys.TryOpenAt2(root, path, flags, Inside, mode, out errno);
        if (errno != Errno.EAGAIN)
        {
            return file;
        }

        long deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (errno == Errno.EAGAIN && Environment.TickCount64 < deadline)
        {
            file = Sys.TryOpenAt2(root, path, flags, Inside, mode, out errno);
        }

        return file;
    }

    /// <summary>Makes the folder and what is missing above it, following links as long as they stay inside, and opens it (O_PATH).</summary>
    /// <exception cref="SyscallException">ENOTDIR where something on the way is no folder; ENOENT at a link to nothing.</exception>
    public static FileDescriptor MakeFolders(FileDescriptor root, string path, uint mode)
    {
        if (TryOpen(root, path, OpenMode.Path | OpenMode.Directory, 0, out Errno errno) is { } there)
        {
            return there;
        }

        if (errno != Errno.ENOENT)
        {
            throw new SyscallException("openat2", path, errno);
        }

        // Each prefix is resolved from the root anew: '..' after a link means the link's target, as the kernel has it.
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        FileDescriptor folder = Open(root, ".", OpenMode.Path | OpenMode.Directory);
        for (int i = 0; i < names.Length; i++)
        {
            string prefix = string.Join('/', names, 0, i + 1);
            FileDescriptor? next = TryOpen(root, prefix, OpenMode.Path | OpenMode.Directory, 0, out errno);
            if (next is null)
            {
                using (folder)
                {
                    if (errno != Errno.ENOENT || names[i] is "." or "..")
                    {
                        throw new SyscallException("openat2", prefix, errno);
                    }

                    // A dangling link makes EEXIST, and the opening below ENOENT again: it is not followed to make its target.
                    Sys.MakeFolderAt(folder, names[i], mode);
                }

                next = Open(root, prefix, OpenMode.Path | OpenMode.Directory);
            }
            else
            {
                folder.Dispose();
            }

            folder = next;
        }

        return folder;
    }
}
