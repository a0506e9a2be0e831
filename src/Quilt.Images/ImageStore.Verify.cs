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
    /// a pull, which brings what is not here, mends it. A layer that is not what its blob unpacks to is replaced, unless something stands on it.
    /// </summary>
    /// <param name="references">Names; null is all images, also those that have none and those that are damaged.</param>
    /// <param name="inUse">As <see cref="RemoveAsync"/>'s.</param>
    /// <exception cref="QuiltException">NotFound: there is no such image.</exception>
    public async Task<IReadOnlyList<ImageCheck>> VerifyAsync(IReadOnlyList<ImageReference>? references, Func<IReadOnlySet<Digest>> inUse, CancellationToken cancellation)
    {
        IReadOnlyList<IndexEntry> all = _index.Read();
        IReadOnlyList<IndexEntry> entries = references is null ? all : [.. references.Select(r => all.FirstOrDefault(e => IsMeant(e, r)) ?? throw NoSuchImage(r))];
        await Verifying.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Verify(entries, inUse, cancellation), cancellation).ConfigureAwait(false);
        }
        finally
        {
            Verifying.Release();
        }
    }

    private List<ImageCheck> Verify(IReadOnlyList<IndexEntry> entries, Func<IReadOnlySet<Digest>> inUse, CancellationToken cancellation)
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
                    Verify(parts, i, blobs, layers, damages, inUse, cancellation);
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

    private void Verify(
        ImageParts parts, int number, Dictionary<Digest, string?> blobs, Dictionary<Digest, string?> layers, List<ImageDamage> damages, Func<IReadOnlySet<Digest>> inUse, CancellationToken cancellation)
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
            problem = _layers.ProblemOf(
                chainId, parts.DiffIds[number], content, [.. parts.ChainIds.Take(number).Select(_layers.PathOf)], good => Replace(chainId, good, inUse, cancellation), cancellation);
            layers.Add(chainId, problem);
        }

        if (problem is not null)
        {
            damages.Add(new ImageDamage(chainId, problem));
        }
    }

    /// <summary>Puts a folder in a layer's place that nobody but this check has at the moment.</summary>
    /// <returns>Whether it was done, for a person.</returns>
    private string Replace(Digest chainId, string good, Func<IReadOnlySet<Digest>> inUse, CancellationToken cancellation)
    {
        LayerStore.Synchronize(good);
        Collecting.Wait(cancellation);
        try
        {
            _leases.BeginCollection();
            bool replaced = !inUse().SelectMany(AnyManifest).Any(m => Has(m, chainId)) && _leases.TryTakeOut(
                chainId,
                () =>
                {
                    if (_layers.Contains(chainId))
                    {
                        _trash.Take(_layers.PathOf(chainId));
                    }

                    Directory.Move(good, _layers.PathOf(chainId));
                },
                own: 1);
            EmptyTrash();
            return replaced ? "it was unpacked anew" : "it is in use: remove what is made of it, and verify again";
        }
        finally
        {
            _leases.EndCollection();
            Collecting.Release();
        }
    }

    private bool Has(Descriptor manifest, Digest chainId)
    {
        try
        {
            return _reader.Read(manifest).ChainIds.Contains(chainId);
        }
        catch (QuiltException)
        {
            return false; // of the other kind of manifest
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
