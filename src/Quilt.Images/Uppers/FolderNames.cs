using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Names in a container's folders, which may be no text.</summary>
internal static class FolderNames
{
    private static readonly int LongestPath = new UnpackLimits().PathBytes;

    /// <summary>Whoever unpacks or mounts it takes no longer path, and each level of folders is a call of ours and a descriptor.</summary>
    /// <param name="path">Of a folder.</param>
    /// <exception cref="QuiltException">FailedPrecondition.</exception>
    internal static void RequireShallow(string path, string remedy, string? field = null)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"a folder's path of more than {LongestPath} bytes is in it: '{Text.Printable(path[..64])}…'", remedy, field);
        }
    }

    /// <summary>In no order.</summary>
    internal static IEnumerable<string> In(FileDescriptor folder) =>
        Directory.EnumerateFileSystemEntries($"/proc/self/fd/{folder.Number}").Select(p => Path.GetFileName(p));

    /// <param name="path">As people are told it.</param>
    /// <returns>By O_PATH; a link is itself.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: the name is not UTF-8.</exception>
    internal static FileDescriptor Open(FileDescriptor folder, string name, string path) => Find(() => Sys.OpenAt(folder, name, OpenMode.Path), name, path);

    /// <inheritdoc cref="Open"/>
    /// <returns>What it is; of a link, the link.</returns>
    internal static FileStatus Status(FileDescriptor folder, string name, string path) => Find(() => Sys.StatusAt(folder, name), name, path);

    private static T Find<T>(Func<T> find, string name, string path)
    {
        try
        {
            return find();
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT && name.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the name of '{Text.Printable(path)}' is not UTF-8, and images and snapshots hold no others", "rename or remove it in the container", inner: e);
        }
    }
}
