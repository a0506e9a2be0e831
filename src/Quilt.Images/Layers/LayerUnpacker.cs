using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Unpacks a layer's archive into a folder that overlayfs takes as a lower one.</summary>
internal sealed class LayerUnpacker(UnpackLimits limits)
{
    /// <param name="blob">The archive, compressed or not, at its beginning.</param>
    /// <param name="folder">Empty, and nobody else's.</param>
    /// <param name="parents">Folders of the layers below, lowest first.</param>
    /// <param name="diffId">That the decompressed archive must have.</param>
    /// <exception cref="QuiltException">InvalidArgument where the archive is damaged or hostile; ResourceExhausted where it asks for too much.</exception>
    internal void Unpack(Stream blob, string folder, IReadOnlyList<string> parents, Digest diffId, CancellationToken cancellationToken)
    {
        using LayerStream stream = new(blob, limits, cancellationToken);
        using LayerWriter writer = new(folder, parents, limits);
        ArchiveReader reader = new(stream, limits);
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
        if (stream.DiffId() is var actual && actual != diffId)
        {
            throw Malformed.Layer($"it unpacks to {actual} and should to {diffId}");
        }
    }
}
