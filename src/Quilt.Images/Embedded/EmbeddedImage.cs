using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>The image that comes with the program, so that the first container needs no registry: busybox and nothing else.</summary>
internal sealed record EmbeddedImage : IBlobSource
{
    private const string Path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public string Origin => "embedded";

    internal static ImageReference Reference { get; } = ImageReference.Parse("quilt/busybox:latest");

    internal required Descriptor Manifest { get; init; }

    /// <summary>All that the image consists of, the manifest last.</summary>
    internal required IReadOnlyList<(Descriptor Descriptor, byte[] Content)> Blobs { get; init; }

    public Task<Stream> OpenAsync(Descriptor blob, long offset, CancellationToken cancellation) =>
        Task.FromResult<Stream>(new MemoryStream(Blobs.Single(b => b.Descriptor.Digest == blob.Digest).Content, writable: false) { Position = offset });

    /// <summary>Always the same for one build of this assembly.</summary>
    internal static EmbeddedImage Build()
    {
        byte[] busybox = Resource("busybox");
        byte[] archive = EmbeddedFiles.Archive(busybox, Encoding.UTF8.GetString(Resource("busybox.applets")));

        // Uncompressed: its digest then depends on no compressor, and it is read once.
        Descriptor layer = Descriptor.Of(MediaTypes.Layer, archive);
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(
            new ImageDocument
            {
                Architecture = Architecture(busybox),
                Os = "linux",
                Config = new ImageDocumentConfig { Env = [Path], WorkingDir = "/" },
                Rootfs = new ImageRootFs { DiffIds = [layer.Digest] },
            },
            ImageJson.Default.ImageDocument);
        Descriptor config = Descriptor.Of(MediaTypes.Config, document);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(
            new ImageManifest
            {
                MediaType = MediaTypes.Manifest,
                Config = config,
                Layers = [layer],
                Annotations = new Dictionary<string, string>
                {
                    ["org.opencontainers.image.licenses"] = "GPL-2.0-only",
                    ["org.opencontainers.image.title"] = "busybox",
                },
            },
            ImageJson.Default.ImageManifest);
        Descriptor manifest = Descriptor.Of(MediaTypes.Manifest, content);
        return new EmbeddedImage { Manifest = manifest, Blobs = [(layer, archive), (config, document), (manifest, content)] };
    }

    /// <summary>What the program runs on, by its own header (elf(5), e_machine); the build may have been for another machine.</summary>
    private static string Architecture(ReadOnlySpan<byte> program) => BinaryPrimitives.ReadUInt16LittleEndian(program[18..]) switch
    {
        0x3E => "amd64",
        0xB7 => "arm64",
        ushort machine => throw new InvalidOperationException($"the embedded busybox is for the unknown machine 0x{machine:x}"),
    };

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(EmbeddedImage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the resource '{name}' is missing from the assembly");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
