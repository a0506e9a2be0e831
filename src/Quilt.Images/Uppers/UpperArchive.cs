using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>What a container changed, as a layer's archive.</summary>
/// <remarks>
/// Depth first in ordinal order, so that the same changes make the same bytes. Sockets and devices but for overlayfs's whiteouts
/// are left out, as everyone leaves them out. Nothing may write to the folder meanwhile.
/// </remarks>
public static class UpperArchive
{
    /// <param name="upperFolder">Overlayfs's upper one: whiteouts are devices 0:0, opaque folders have its attribute.</param>
    /// <param name="hostIdBase">The host's id of the container's root. Owners outside its range become nobody, as the container sees them.</param>
    /// <exception cref="QuiltException">FailedPrecondition where its folders lie too deep, or overlayfs kept there a part of what is below.</exception>
    public static void Write(string upperFolder, uint hostIdBase, Stream output, UpperArchiveOptions options, CancellationToken cancellation)
    {
        using ArchiveWriter archive = new(output);
        using FileDescriptor root = Sys.Open(upperFolder, OpenMode.ReadOnly | OpenMode.Directory);
        new UpperWalk(archive, hostIdBase, options, cancellation).AddFolder(root, "");
        archive.Complete();
    }
}
