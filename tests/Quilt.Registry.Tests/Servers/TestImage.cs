using System.Formats.Tar;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry.Tests.Servers;

/// <summary>Images made for a test.</summary>
internal static class TestImage
{
    /// <summary>Of layers that hold one file each, of bytes that cannot be compressed.</summary>
    /// <param name="seed">Other seeds, other layers.</param>
    public static async Task<StoredImage> Make(ImageStore store, string reference, int seed = 1, string architecture = "amd64", params int[] layerBytes)
    {
        using ImageLease lease = store.Lease();
        List<StoredLayer> layers = [];
        foreach (int size in layerBytes.Length == 0 ? [300_000, 2_000_000, 1000] : layerBytes)
        {
            layers.Add(await store.AddLayerAsync(lease, layers, Archive($"file{layers.Count}", size, (seed * 100) + layers.Count), default));
        }

        ImageDocument document = new() { Architecture = architecture, Os = "linux", Config = new ImageDocumentConfig { Env = ["A=1"], Cmd = ["/file0"] } };
        return await store.WriteImageAsync(lease, [ImageReference.Parse(reference)], document, layers, default);
    }

    private static MemoryStream Archive(string name, int size, int seed)
    {
        byte[] content = new byte[size];
        new Random(seed).NextBytes(content);
        MemoryStream archive = new();
        using (TarWriter writer = new(archive, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), ModificationTime = DateTimeOffset.UnixEpoch });
        }

        archive.Position = 0;
        return archive;
    }

    public static byte[] Blob(ImageStore store, Digest digest)
    {
        using FileStream file = store.Blobs.OpenRead(digest);
        using MemoryStream content = new();
        file.CopyTo(content);
        return content.ToArray();
    }
}
