using Quilt.Linux;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    /// <summary>Unpacks an archive that is no part of an image, such as a build's context, as safely as a layer.</summary>
    /// <param name="archive">Plain, or compressed (<see cref="Decompression"/>); read to its end.</param>
    /// <param name="folder">Empty, and nobody else's.</param>
    /// <exception cref="Core.QuiltException">InvalidArgument where the archive is damaged or hostile; ResourceExhausted where it asks for too much. What is in the folder then is the caller's to remove.</exception>
    public Task UnpackAsync(Stream archive, string folder, CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                using LayerStream stream = new(archive, _options.Unpacking, null, cancellation);
                new LayerUnpacker(_options.Unpacking).Unpack(stream, folder, new LowerLayers([], Task.CompletedTask), null);
                _ = stream.DiffId(); // to its end
            }
            catch (Core.QuiltException e) when (Malformed.IsOfLayer(e))
            {
                throw Malformed.AsArchive(e);
            }
            catch (Exception e) when (DiskFull.Is(e))
            {
                throw StoreFull.Error(e);
            }
        },
        cancellation);
}
