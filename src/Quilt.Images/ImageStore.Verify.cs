using System.Security.Cryptography;
using Quilt.Core;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    /// <summary>One at a time: each takes a processor and a disk for as long as it lasts.</summary>
    private static readonly SemaphoreSlim Verifying = new(1, 1);

    /// <summary>
    /// Reads all of an image's bytes anew: blobs are hashed, and each layer is unpacked once more beside the store and compared with
    /// what is there. Takes as long as an unpacking, and the space of one layer. A blob that is not what its digest says is taken out:
    /// a pull, which brings what is not here, mends it.
    /// </summary>
    /// <param name="references">Names; null is all images, also those that have none and those that are damaged.</param>
    /// <exception cref="QuiltException">NotFound: there is no such image.</exception>
    public async Task<IReadOnlyList<ImageCheck>> VerifyAsync(IReadOnlyList<ImageReference>? references, CancellationToken cancellation)
    {
        IReadOnlyList<IndexEntry> all = _index.Read();
        IReadOnlyList<IndexEntry> entries = references is null ? all : [.. references.Select(r => all.FirstOrDefault(e => IsMeant(e, r)) ?? throw NoSuchImage(r))];
        await Verifying.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Verify(entries, cancellation), cancellation).ConfigureAwait(false);
        }
        finally
        {
            Verifying.Release();
        }
    }

    private List<ImageCheck> Verify(IReadOnlyList<IndexEntry> entries, CancellationToken cancellation)
    {
        // Several images have a layer: each thing is looked at once.
        Dictionary<Digest, string?> blobs = [], layers = [];
        List<ImageCheck> checks = [];
        foreach (IndexEntry entry in entries)
        {
            using ImageLease lease = Lease();
            List<ImageDamage> damages = [];
            try
            {
                ImageParts parts = _reader.Read(entry.Manifest);
                foreach (Digest digest in parts.All())
                {
                    lease.Hold(digest);
                }

                for (int i = 0; i < parts.Layers.Count; i++)
                {
                    Verify(parts, i, blobs, layers, damages, cancellation);
                }
            }
            catch (QuiltException e)
            {
                damages.Add(new ImageDamage(entry.Manifest.Digest, e.Message));
            }

            checks.Add(new ImageCheck(entry.Reference, entry.Manifest.Digest, damages));
        }

        return checks;
    }

    private void Verify(ImageParts parts, int number, Dictionary<Digest, string?> blobs, Dictionary<Digest, string?> layers, List<ImageDamage> damages, CancellationToken cancellation)
    {
        (Descriptor blob, Digest chainId) = (parts.Layers[number], parts.ChainIds[number]);
        if (!blobs.TryGetValue(blob.Digest, out string? problem))
        {
            blobs.Add(blob.Digest, problem = ProblemOf(blob, cancellation));
        }

        if (problem is not null)
        {
            damages.Add(new ImageDamage(blob.Digest, problem));
            return;
        }

        if (!layers.TryGetValue(chainId, out problem))
        {
            using FileStream content = Blobs.OpenRead(blob.Digest);
            problem = _layers.ProblemOf(chainId, parts.DiffIds[number], content, [.. parts.ChainIds.Take(number).Select(_layers.PathOf)], cancellation);
            layers.Add(chainId, problem);
        }

        if (problem is not null)
        {
            damages.Add(new ImageDamage(chainId, problem));
        }
    }

    private string? ProblemOf(Descriptor blob, CancellationToken cancellation)
    {
        if (!Blobs.Contains(blob.Digest))
        {
            return "it is missing";
        }

        using FileStream content = Blobs.OpenRead(blob.Digest);
        cancellation.ThrowIfCancellationRequested();
        Digest actual = Digest.OfSha256(SHA256.HashData(content));
        if (actual != blob.Digest)
        {
            File.Delete(Blobs.PathOf(blob.Digest));
        }

        return content.Length != blob.Size ? $"it has {content.Length} bytes and should have {blob.Size}"
            : actual != blob.Digest ? $"it has the digest {actual}"
            : null;
    }
}
