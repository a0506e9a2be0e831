using System.Formats.Tar;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Bench.Engines;

namespace Quilt.Bench.Images;

/// <summary>An image of busybox and of files of this machine, in layers of one size, that runs <c>true</c>.</summary>
internal sealed record LayeredImage(IReadOnlyList<ImageLayer> Layers)
{
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json", LayerType = "application/vnd.oci.image.layer.v1.tar+gzip";

    public long Bytes => Layers.Sum(l => l.Bytes);

    public long UnpackedBytes => Layers.Sum(l => l.UnpackedBytes);

    /// <param name="folder">Gets the layers.</param>
    /// <param name="rootfs">The folder with busybox, of the first layer.</param>
    /// <param name="layerBytes">Of each layer, compressed.</param>
    public static LayeredImage Make(string folder, string rootfs, int layers, long layerBytes)
    {
        using MachineFiles files = new();
        return new([.. Enumerable.Range(0, layers).Select(i => ImageLayer.Write(Path.Combine(folder, $"layer-{i}.tar.gz"), layerBytes, files, i == 0 ? archive => AddRootfs(archive, rootfs) : null))]);
    }

    /// <summary>The same image of layers that nobody has yet.</summary>
    public LayeredImage Vary(string folder, string variant) =>
        new([.. Layers.Select((layer, i) => layer.Vary(Path.Combine(folder, $"{variant}-{i}.tar.gz"), $"{variant}-{i}"))]);

    public byte[] Config => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["architecture"] = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64",
        ["os"] = "linux",
        ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/usr/bin:/bin"), ["Cmd"] = new JsonArray(Workload.True[0]) },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. Layers.Select(l => JsonValue.Create(l.DiffDigest))]) },
    });

    public byte[] Manifest => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = ManifestType,
        ["config"] = Descriptor(ConfigType, Sha256.Of(Config), Config.Length),
        ["layers"] = new JsonArray([.. Layers.Select(l => Descriptor(LayerType, l.Digest, l.Bytes))]),
    });

    private static JsonObject Descriptor(string type, string digest, long bytes) => new() { ["mediaType"] = type, ["digest"] = digest, ["size"] = bytes };

    /// <summary>What <c>true</c> needs.</summary>
    public static void AddRootfs(TarWriter archive, string rootfs)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(rootfs, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            archive.WriteEntry(path, Path.GetRelativePath(rootfs, path));
        }
    }
}
