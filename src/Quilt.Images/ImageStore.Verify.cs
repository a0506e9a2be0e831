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
    /// <param name="replacing">Called before a layer is replaced, with the images that have it: what was learned of them may be wrong. Nobody can begin with them meanwhile, so it is to be quick.</param>
    /// <exception cref="QuiltException">NotFound: there is no such image.</exception>
    public async Task<IReadOnlyList<ImageCheck>> VerifyAsync(
        IReadOnlyList<ImageReference>? references, Func<IReadOnlySet<Digest>> inUse, Action<IReadOnlyCollection<Digest>> replacing, CancellationToken cancellation)
    {
        IReadOnlyList<IndexEntry> all = _index.Read();
        IReadOnlyList<IndexEntry> entries = references is null ? all : [.. references.Select(r => all.FirstOrDefault(e => IsMeant(e, r)) ?? throw NoSuchImage(r))];
        await Verifying.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Verify(entries, new Verification(inUse, replacing, cancellation)), cancellation).ConfigureAwait(false);
        }
        finally
        {
            Verifying.Release();
        }
    }

    private List<ImageCheck> Verify(IReadOnlyList<IndexEntry> entries, Verification verification)
    {
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
                    Verify(parts, i, verification, damages);
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

    private void Verify(ImageParts parts, int number, Verification verification, List<ImageDamage> damages)
    {
        (Descriptor blob, Digest chainId) = (parts.Layers[number], parts.ChainIds[number]);
        if (!verification.Blobs.TryGetValue(blob.Digest, out string? problem))
        {
            verification.Blobs.Add(blob.Digest, problem = ProblemOf(blob, verification.Cancellation));
        }

        if (problem is not null)
        {
            damages.Add(new ImageDamage(blob.Digest, problem));
            return;
        }

        if (!verification.Layers.TryGetValue(chainId, out problem))
        {
            verification.Layers.Add(chainId, problem = ProblemOf(parts, number, verification));
        }

        if (problem is null)
        {
            verification.Sound.Add(chainId);
        }
        else
        {
            damages.Add(new ImageDamage(chainId, problem));
        }
    }

    private string? ProblemOf(ImageParts parts, int number, Verification verification)
    {
        using FileStream content = Blobs.OpenRead(parts.Layers[number].Digest);
        return _layers.ProblemOf(
            parts.ChainIds[number], parts.DiffIds[number], content, [.. parts.ChainIds.Take(number).Select(_layers.PathOf)], good => Mend(parts, number, good, verification), verification.Cancellation);
    }

    /// <returns>Whether the layer was mended, for a person.</returns>
    private string Mend(ImageParts parts, int number, string good, Verification verification)
    {
        // An archive may leave a folder unmentioned that is below: on one that is damaged it would be as wrong.
        string? hindrance = parts.ChainIds.Take(number).All(verification.Sound.Contains) ? Replace(parts.ChainIds[number], good, verification) : "what is below it has to be mended first";
        if (hindrance is not null)
        {
            return hindrance;
        }

        verification.Sound.Add(parts.ChainIds[number]);
        return "it was unpacked anew";
    }

    /// <summary>Puts a folder in a layer's place, where nothing stands on that and nobody but this check has it at the moment.</summary>
    /// <returns>What keeps it from that, for a person; null where it is done.</returns>
    private string? Replace(Digest chainId, string good, Verification verification)
    {
        Collecting.Wait(verification.Cancellation);
        try
        {
            _leases.BeginCollection();
            if (!_layers.Contains(chainId))
            {
                _layers.Adopt(good, chainId); // nothing begins with what is not there
                Reload();
                return null;
            }

            if (verification.InUse().Any(m => MayHave(m, chainId)))
            {
                return "it is in use: remove what is made of it, and verify again";
            }

            LayerStore.Synchronize(good);
            Digest[] images = [.. _index.Read().Select(e => e.Manifest.Digest).Distinct().Where(m => MayHave(m, chainId))];
            bool taken = _leases.TryTakeOut(
                chainId,
                () =>
                {
                    verification.Replacing(images);
                    _trash.Take(_layers.PathOf(chainId));
                    Directory.Move(good, _layers.PathOf(chainId));
                },
                own: 1);
            if (!taken)
            {
                return "somebody works with it at the moment: verify again";
            }

            _layers.SynchronizeNames();
            EmptyTrash();
            return null;
        }
        finally
        {
            _leases.EndCollection();
            Collecting.Release();
        }
    }

    /// <summary>Whether an image has a layer; also where it is not known what it has.</summary>
    private bool MayHave(Digest manifest, Digest chainId)
    {
        if (TryFind(manifest) is { } known)
        {
            return known.Parts.ChainIds.Contains(chainId);
        }

        foreach (Descriptor descriptor in AnyManifest(manifest))
        {
            try
            {
                return _reader.Read(descriptor).ChainIds.Contains(chainId);
            }
            catch (QuiltException)
            {
                // Of the other kind, or damaged.
            }
        }

        return true;
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

    /// <summary>What was found so far: several images have a layer, and each thing is looked at once.</summary>
    private sealed record Verification(Func<IReadOnlySet<Digest>> InUse, Action<IReadOnlyCollection<Digest>> Replacing, CancellationToken Cancellation)
    {
        internal Dictionary<Digest, string?> Blobs { get; } = [];

        /// <summary>By their chain ids.</summary>
        internal Dictionary<Digest, string?> Layers { get; } = [];

        /// <summary>Layers that are as their blobs unpack, or are so again.</summary>
        internal HashSet<Digest> Sound { get; } = [];
    }
}
