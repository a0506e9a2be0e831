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
        if (FileName.ByteCount(path) > LongestPath)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"a folder's path of more than {LongestPath} bytes is in it: '{Text.Printable(path[..64])}…'", remedy, field);
        }
    }
}
