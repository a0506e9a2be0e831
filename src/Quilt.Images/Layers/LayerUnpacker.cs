using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Unpacks a layer's archive into a folder that overlayfs takes as a lower one.</summary>
internal sealed class LayerUnpacker(UnpackLimits limits)
{
    /// <param name="archive">At its beginning; read to its end.</param>
    /// <param name="folder">Empty, and nobody else's.</param>
    /// <param name="space">Counts what is written; null where nobody does.</param>
    /// <exception cref="QuiltException">InvalidArgument where the archive is damaged or hostile; ResourceExhausted where it asks for too much.</exception>
    internal void Unpack(Stream archive, string folder, LowerLayers parents, SpaceLimit.SpaceShare? space)
    {
        using LayerWriter writer = new(folder, parents, limits, space);
        ArchiveReader reader = new(archive, limits);
        while (reader.Next() is { } entry)
        {
            try
            {
                writer.Add(entry, reader);
            }
            catch (SyscallException e) when (!DiskFull.Is(e) && e.Errno is not (Errno.EIO or Errno.EROFS))
            {
                // A name too long, more links than the file system takes, a capability that is none.
                throw Malformed.Entry(entry.DisplayPath, $"cannot be made: {e.Errno.Meaning()}", e);
            }
        }

        writer.Finish();
    }
}
