using System.Text;
using System.Text.Json;
using Quilt.Core;

namespace Quilt.Images.Tests;

/// <summary>An image in memory, as a source of its blobs; what goes wrong with it can be said.</summary>
internal sealed class TestImage : IBlobSource
{
    internal static readonly ImageReference Name = ImageReference.Parse("registry.test/app:1");
    private readonly Dictionary<Digest, byte[]> _blobs = [];

    public string Origin { get; init; } = "registry.test";

    internal Descriptor Manifest { get; set; } = new();

    internal Descriptor Config { get; private set; } = new();

    internal List<Descriptor> Layers { get; } = [];

    /// <summary>Which blob, from which offset, in their order.</summary>
    internal List<(Digest Digest, long Offset)> Opened { get; } = [];

    /// <summary>Makes what is read of a blob's content.</summary>
    internal Func<Descriptor, byte[], long, Stream> Read { get; set; } = (_, content, offset) => new MemoryStream(content) { Position = offset };

    internal static TestImage Of(params byte[][] archives) => Of(archives, archives.Select(a => Archive.Gzip(a)), MediaTypes.LayerGzip);

    /// <param name="blobs">The archives, compressed or not.</param>
    internal static TestImage Of(IEnumerable<byte[]> archives, IEnumerable<byte[]> blobs, string mediaType, Func<ImageDocument, ImageDocument>? change = null, bool docker = false)
    {
        TestImage image = new();
        ImageDocument document = new()
        {
            Architecture = "amd64",
            Os = "linux",
            Created = DateTimeOffset.UnixEpoch,
            Rootfs = new ImageRootFs { DiffIds = [.. archives.Select(a => Digest.Compute(a))] },
        };
        image.Config = image.Add(docker ? MediaTypes.DockerConfig : MediaTypes.Config, JsonSerializer.SerializeToUtf8Bytes(change?.Invoke(document) ?? document, ImageJson.Default.ImageDocument));
        image.Layers.AddRange(blobs.Select(b => image.Add(mediaType, b)));
        image.WriteManifest(docker ? MediaTypes.DockerManifest : MediaTypes.Manifest);
        return image;
    }

    /// <summary>The same image, given by another.</summary>
    internal TestImage From(string origin)
    {
        TestImage image = new() { Origin = origin, Manifest = Manifest, Config = Config };
        image.Layers.AddRange(Layers);
        foreach ((Digest digest, byte[] content) in _blobs)
        {
            image._blobs.Add(digest, content);
        }

        return image;
    }

    internal Descriptor Add(string mediaType, byte[] content)
    {
        Descriptor descriptor = Descriptor.Of(mediaType, content);
        _blobs[descriptor.Digest] = content;
        return descriptor;
    }

    internal void WriteManifest(string mediaType) => Manifest = Add(mediaType, JsonSerializer.SerializeToUtf8Bytes(
        new ImageManifest { MediaType = mediaType, Config = Config, Layers = Layers }, ImageJson.Default.ImageManifest));

    internal byte[] Content(Descriptor blob) => _blobs[blob.Digest];

    internal Task<StoredImage> AddToAsync(ImageStore store, IProgress<TransferProgress>? progress = null) =>
        store.AddAsync(Name, Manifest, this, null, progress, TestContext.Current.CancellationToken);

    public Task<Stream> OpenAsync(Descriptor blob, long offset, CancellationToken cancellation)
    {
        lock (Opened)
        {
            Opened.Add((blob.Digest, offset));
        }

        return Task.FromResult(Read(blob, _blobs[blob.Digest], offset));
    }
}

/// <summary>A stream that gives nothing until it may go on.</summary>
internal sealed class StandingStream(byte[] content, long offset, Task mayGoOn) : MemoryStream(content, (int)offset, content.Length - (int)offset)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await mayGoOn.WaitAsync(cancellationToken);
        return Read(buffer.Span);
    }
}

/// <summary>A stream that breaks after so many bytes.</summary>
internal sealed class CutStream(byte[] content, long offset, int goodBytes) : MemoryStream(content, (int)offset, content.Length - (int)offset)
{
    private int _left = goodBytes;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
        {
            throw new QuiltException(ErrorCode.Unavailable, "the connection was cut");
        }

        int count = Read(buffer.Span[..Math.Min(buffer.Length, _left)]);
        _left -= count;
        return ValueTask.FromResult(count);
    }
}
