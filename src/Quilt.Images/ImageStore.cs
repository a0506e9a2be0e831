using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// The images of one daemon, in a folder of its own: <c>blobs/sha256</c>, <c>layers</c>, <c>index.json</c>, and <c>ingest</c>
/// for what is on its way in. Safe for use by many threads; a second process may write to the same folder.
/// </summary>
public sealed partial class ImageStore
{
    private readonly LayerStore _layers;
    private readonly ReferenceIndex _index;
    private readonly ImageReader _reader;

    private ImageStore(string folder, UnpackLimits limits)
    {
        string ingest = Path.Combine(folder, "ingest");
        Directory.CreateDirectory(ingest);
        IngestFolder.RemoveAbandoned(ingest);
        Blobs = new BlobStore(Path.Combine(folder, "blobs"), ingest);
        _layers = new LayerStore(Path.Combine(folder, "layers"), ingest, limits);
        _index = new ReferenceIndex(folder);
        _reader = new ImageReader(Blobs, _layers);
    }

    public BlobStore Blobs { get; }

    /// <param name="folder">Made where it is missing, for root alone: layers hold set-id programs that no user of the host may reach.</param>
    public static ImageStore Open(string folder) => Open(folder, new UnpackLimits());

    /// <param name="limits">Of each layer that is unpacked.</param>
    public static ImageStore Open(string folder, UnpackLimits limits)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        using (FileDescriptor opened = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory))
        {
            Sys.SetPermissions(opened, 0x1C0);
        }

        byte[] layout = """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray();
        if (!File.Exists(Path.Combine(folder, "oci-layout")))
        {
            DurableFile.Write(folder, "oci-layout", layout);
        }

        return new ImageStore(folder, limits);
    }

    /// <summary>Makes an image of blobs that are in <see cref="Blobs"/>: verifies and unpacks it, and gives it a name.</summary>
    /// <param name="reference">Its tag names the image, whatever had that name before.</param>
    /// <param name="manifest">Of one platform's manifest, not of an index.</param>
    /// <exception cref="QuiltException">What is wrong with it; the name is as it was, and no layer of it is left half unpacked.</exception>
    public async Task<StoredImage> AddAsync(ImageReference reference, Descriptor manifest, CancellationToken cancellationToken)
    {
        reference = reference.ByTag();
        ImageParts parts = _reader.Read(manifest);
        await Task.Run(() => Unpack(parts, cancellationToken), cancellationToken).ConfigureAwait(false);
        StoredImage image = _reader.ToStored(reference, parts);
        await _index.SetAsync(reference, manifest, cancellationToken).ConfigureAwait(false);
        Remember(image);
        return image;
    }

    /// <summary>
    /// Brings <c>quilt/busybox:latest</c> in, whole and as this program carries it. Does nothing where it is there already.
    /// </summary>
    /// <exception cref="QuiltException">ResourceExhausted where the disk is full.</exception>
    public async Task<StoredImage> ImportEmbeddedAsync(CancellationToken cancellationToken)
    {
        EmbeddedImage embedded = EmbeddedImage.Build();
        if (TryFindIntact(EmbeddedImage.Reference) is { } present && present.Digest == embedded.Manifest.Digest)
        {
            return present;
        }

        foreach ((Descriptor descriptor, byte[] content) in embedded.Blobs)
        {
            await Blobs.WriteAsync(descriptor, content, cancellationToken).ConfigureAwait(false);
        }

        return await AddAsync(EmbeddedImage.Reference, embedded.Manifest, cancellationToken).ConfigureAwait(false);
    }

    private void Unpack(ImageParts parts, CancellationToken cancellationToken)
    {
        List<string> parents = [];
        for (int i = 0; i < parts.ChainIds.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_layers.Contains(parts.ChainIds[i]))
            {
                using FileStream blob = Blobs.OpenRead(parts.Layers[i].Digest);
                _layers.Add(parts.ChainIds[i], parts.DiffIds[i], blob, parents, cancellationToken);
            }

            parents.Add(_layers.PathOf(parts.ChainIds[i]));
        }
    }
}
