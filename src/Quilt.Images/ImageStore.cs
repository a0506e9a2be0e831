using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// The images of one daemon, in a folder of its own: <c>blobs/sha256</c>, <c>layers</c>, <c>index.json</c>, <c>partial</c> for
/// blobs whose transfer was cut, <c>ingest</c> for what is on its way in and <c>trash</c> for what is on its way out. Safe for use by many threads of one process.
/// </summary>
public sealed partial class ImageStore
{
    private readonly ImageStoreOptions _options;
    private readonly string _ingest;
    private readonly LayerStore _layers;
    private readonly ReferenceIndex _index;
    private readonly ImageReader _reader;
    private readonly PartialBlobs _partials;
    private readonly Trash _trash;
    private readonly SpaceLimit _space;
    private readonly LeaseBook _leases = new();
    private readonly KeyedLocks<Digest> _locks = new();

    private ImageStore(string folder, ImageStoreOptions options)
    {
        _options = options;
        _ingest = Path.Combine(folder, "ingest");
        Directory.CreateDirectory(_ingest);
        IngestFolder.RemoveAbandoned(_ingest);
        Blobs = new BlobStore(Path.Combine(folder, "blobs"), _ingest);
        _partials = new PartialBlobs(Path.Combine(folder, "partial"), Blobs);
        _trash = new Trash(Path.Combine(folder, "trash"));
        _trash.Empty();
        _layers = new LayerStore(Path.Combine(folder, "layers"), _ingest, options);
        _space = new SpaceLimit(options.MostBytes, BytesOnDisk);
        _index = new ReferenceIndex(folder);
        _reader = new ImageReader(Blobs, _layers);
    }

    /// <summary>The name of the image that comes with the program.</summary>
    public static ImageReference Embedded => EmbeddedImage.Reference;

    public BlobStore Blobs { get; }

    /// <param name="folder">Made where it is missing, for root alone: layers hold set-id programs that no user of the host may reach.</param>
    public static ImageStore Open(string folder) => Open(folder, new ImageStoreOptions());

    public static ImageStore Open(string folder, ImageStoreOptions options)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        using (FileDescriptor opened = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory))
        {
            Sys.SetPermissions(opened, 0x1C0);
        }

        if (!File.Exists(Path.Combine(folder, ImageLayout.MarkerFile)))
        {
            DurableFile.Write(folder, ImageLayout.MarkerFile, ImageLayout.Marker);
        }

        DurableFile.RemoveAbandoned(folder);
        return new ImageStore(folder, options);
    }

    /// <summary>What is acquired through it is not collected until it is disposed.</summary>
    public ImageLease Lease() => new(_leases);

    /// <summary>An image's manifest as it came, byte for byte in <see cref="Blobs"/>.</summary>
    /// <exception cref="QuiltException">Its blob is missing or damaged.</exception>
    public ImageManifest ManifestOf(StoredImage image) => _reader.ReadManifest(image.Manifest);

    /// <summary>
    /// Brings <c>quilt/busybox:latest</c> in, whole and as this program carries it. Does nothing where it is there already.
    /// </summary>
    /// <exception cref="QuiltException">ResourceExhausted where the disk is full.</exception>
    public async Task<StoredImage> ImportEmbeddedAsync(CancellationToken cancellationToken)
    {
        EmbeddedImage embedded = EmbeddedImage.Build();
        if (Reload().Find(EmbeddedImage.Reference) is { } present && present.Digest == embedded.Manifest.Digest && IsIntact(present))
        {
            return present;
        }

        return await AddAsync(EmbeddedImage.Reference, embedded.Manifest, embedded, null, null, cancellationToken).ConfigureAwait(false);
    }
}
