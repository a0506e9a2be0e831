using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Names in a container's folders, which may be no text.</summary>
internal static class FolderNames
{
    /// <summary>In no order.</summary>
    internal static IEnumerable<string> In(FileDescriptor folder) =>
        Directory.EnumerateFileSystemEntries($"/proc/self/fd/{folder.Number}").Select(p => Path.GetFileName(p));

    /// <param name="path">As people are told it.</param>
    /// <returns>By O_PATH; a link is itself.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: the name is not UTF-8.</exception>
    internal static FileDescriptor Open(FileDescriptor folder, string name, string path)
    {
        try
        {
            return Sys.OpenAt(folder, name, OpenMode.Path);
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT && name.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the name of '{Text.Printable(path)}' is not UTF-8, and images and snapshots hold no others", "rename or remove it in the container", inner: e);
        }
    }
}
