using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>An image on its way into an archive.</summary>
internal sealed record SavedImage(StoredImage Image, IReadOnlyList<ImageReference> Names);

/// <summary>Writes an archive that is both an OCI image layout and Docker's.</summary>
internal static class LayoutWriter
{
    private const uint FileMode = 0x1A4, FolderMode = 0x1ED; // 0644, 0755

    /// <summary>The documents first, so that who reads it as it comes knows what follows.</summary>
    internal static void Write(IReadOnlyList<SavedImage> images, BlobStore blobs, Stream output, CancellationToken cancellation)
    {
        using ArchiveWriter archive = new(output);
        Add(archive, ImageLayout.MarkerFile, ImageLayout.Marker.ToArray());
        Add(archive, ImageLayout.IndexFile, JsonSerializer.SerializeToUtf8Bytes(Index(images), ImageJson.Default.ImageIndex));
        Add(archive, ImageLayout.DockerManifestFile, JsonSerializer.SerializeToUtf8Bytes([.. images.Select(Item)], ImageJson.Default.IReadOnlyListDockerArchiveItem));
        Add(archive, ImageLayout.DockerRepositoriesFile, JsonSerializer.SerializeToUtf8Bytes(Repositories(images), ImageJson.Default.IReadOnlyDictionaryStringIReadOnlyDictionaryStringString));
        archive.AddFolder("blobs", new ArchiveMetadata(FolderMode, 0, 0, default));
        archive.AddFolder("blobs/sha256", new ArchiveMetadata(FolderMode, 0, 0, default));
        foreach (Digest digest in images.SelectMany(i => Blobs(i.Image)).Distinct().OrderBy(d => d.Hex, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            using FileStream content = blobs.OpenRead(digest);
            archive.AddFile(ImageLayout.PathOf(digest), new ArchiveMetadata(FileMode, 0, 0, default), content.Length, content);
        }

        archive.Complete();
    }

    private static IEnumerable<Digest> Blobs(StoredImage image) => [image.Digest, image.ConfigDigest, .. image.Layers.Select(l => l.Blob.Digest)];

    private static ImageIndex Index(IReadOnlyList<SavedImage> images) => new()
    {
        MediaType = MediaTypes.Index,
        Manifests =
        [
            .. images.SelectMany(image => image.Names.Count == 0 ? [image.Image.Manifest] : image.Names.Select(name => image.Image.Manifest with
            {
                Annotations = new SortedDictionary<string, string>(StringComparer.Ordinal)
                {
                    [ImageLayout.FullNameAnnotation] = name.Canonical,
                    [ImageLayout.RefNameAnnotation] = name.Tag!,
                },
            })),
        ],
    };

    private static DockerArchiveItem Item(SavedImage image) => new()
    {
        Config = ImageLayout.PathOf(image.Image.ConfigDigest),
        RepoTags = [.. image.Names.Select(n => n.ToString())],
        Layers = [.. image.Image.Layers.Select(l => ImageLayout.PathOf(l.Blob.Digest))],
    };

    /// <summary>Repository, tag, topmost layer.</summary>
    private static Dictionary<string, IReadOnlyDictionary<string, string>> Repositories(IReadOnlyList<SavedImage> images) => images
        .SelectMany(image => image.Names.Select(name => (Name: name, Layer: image.Image.Layers[^1].Blob.Digest.Hex)))
        .GroupBy(named => named.Name.ToString()[..^(named.Name.Tag!.Length + 1)])
        .ToDictionary(group => group.Key, IReadOnlyDictionary<string, string> (group) => group.ToDictionary(named => named.Name.Tag!, named => named.Layer));

    private static void Add(ArchiveWriter archive, string path, byte[] content) =>
        archive.AddFile(path, new ArchiveMetadata(FileMode, 0, 0, default), content.Length, new MemoryStream(content, writable: false));
}
