using System.Formats.Tar;
using System.Text;
using Quilt.Images;
using Quilt.Testing;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Images of a test's own: the embedded busybox with a layer and a configuration of the test's.</summary>
internal static class TestImages
{
    /// <param name="name">Whatever had it before.</param>
    internal static async Task AddImageAsync(this DaemonProcess daemon, string name, ImageDocumentConfig config, params TarEntry[] files)
    {
        ImageStore store = ImageStore.Open(Path.Combine(daemon.StateDir, "images"));
        using ImageLease lease = store.Lease();
        StoredImage busybox = store.TryFind(ImageReference.Parse("quilt/busybox"))!;
        List<StoredLayer> layers = [.. busybox.Layers];
        if (files.Length > 0)
        {
            using MemoryStream archive = new();
            await using (TarWriter writer = new(archive, TarEntryFormat.Pax, leaveOpen: true))
            {
                foreach (TarEntry file in files)
                {
                    await writer.WriteEntryAsync(file, Cancellation);
                }
            }

            archive.Position = 0;
            layers.Add(await store.AddLayerAsync(lease, layers, archive, Cancellation));
        }

        await store.WriteImageAsync(
            lease, [ImageReference.Parse(name)], new ImageDocument { Architecture = busybox.Config.Architecture, Os = "linux", Config = config }, layers, Cancellation);
    }

    internal static TarEntry Folder(string path, int owner = 0, UnixFileMode mode = (UnixFileMode)0x1ED) =>
        new PaxTarEntry(TarEntryType.Directory, path) { Uid = owner, Gid = owner, Mode = mode };

    internal static TarEntry File(string path, string content, int owner = 0, UnixFileMode mode = (UnixFileMode)0x1A4) =>
        new PaxTarEntry(TarEntryType.RegularFile, path) { Uid = owner, Gid = owner, Mode = mode, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), ModificationTime = DateTimeOffset.UnixEpoch.AddDays(1) };

    internal static TarEntry Link(string path, string target) => new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = target };

    internal static TarEntry HardLink(string path, string target) => new PaxTarEntry(TarEntryType.HardLink, path) { LinkName = target };

    /// <summary>A set, as an image's configuration has it.</summary>
    internal static Dictionary<string, EmptyObject> Set(params string[] names) => names.ToDictionary(n => n, _ => new EmptyObject());
}
