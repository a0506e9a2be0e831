using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    /// <summary>Makes an image of a root filesystem's archive: one layer.</summary>
    /// <param name="reference">Null: found by digest, as a dangling one.</param>
    /// <param name="archive">Plain, or compressed (<see cref="Decompression"/>); read to its end.</param>
    /// <param name="comment">Kept in its history.</param>
    /// <param name="document">Its configuration; architecture and os are to be set. Its history gets a line.</param>
    /// <exception cref="QuiltException">InvalidArgument where the archive is damaged or hostile; ResourceExhausted where it asks for too much.</exception>
    public async Task<StoredImage> ImportAsync(ImageReference? reference, Stream archive, ImageDocument document, string comment, CancellationToken cancellation)
    {
        using ImageLease lease = Lease();
        StoredLayer layer = await AddLayerAsync(lease, [], archive, cancellation).ConfigureAwait(false);
        ImageHistory line = new() { Created = document.Created, CreatedBy = "import", Comment = comment };
        return await WriteImageAsync(
            lease, reference is { } name ? [name] : [], document with { History = [.. document.History ?? [], line] }, [layer], cancellation).ConfigureAwait(false);
    }
}
