using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Writes images as an archive that is an OCI image layout and what <c>docker save</c> writes too, so that everyone can load
    /// it. The same images make the same bytes.
    /// </summary>
    /// <param name="references">By tag: it is in the archive. By digest: the image is there without a name.</param>
    /// <exception cref="QuiltException">NotFound: there is no such image; nothing was written then. What the output throws.</exception>
    public async Task SaveAsync(IReadOnlyList<ImageReference> references, Stream output, CancellationToken cancellation)
    {
        using ImageLease lease = Lease();
        List<SavedImage> images = [];
        foreach (IGrouping<Digest, (ImageReference Name, StoredImage Image)> group in references
            .Select(r => (r, TryFind(r, lease) ?? throw NoSuchImage(r))).GroupBy(p => p.Item2.Digest))
        {
            images.Add(new SavedImage(group.First().Image, [.. group.Select(p => p.Name).Where(n => n.Digest is null).Distinct()]));
        }

        await Task.Run(() => LayoutWriter.Write(images, Blobs, output, cancellation), cancellation).ConfigureAwait(false);
    }
}
