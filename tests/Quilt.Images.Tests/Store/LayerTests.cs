using System.IO.Compression;
using System.Text.Json;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Images.Tests.Store;

public sealed class LayerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public LayerTests() => _store = ImageStore.Open(_folder["images"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_layer_that_is_made_is_its_archive_as_a_blob_and_as_a_folder()
    {
        byte[] archive = Archive.Of("a/", "a/one");
        using ImageLease lease = _store.Lease();

        StoredLayer layer = await _store.AddLayerAsync(lease, [], new MemoryStream(archive), Cancellation);

        Assert.Equal(Digest.Compute(archive), layer.DiffId);
        Assert.Equal(layer.DiffId, layer.ChainId);
        using MemoryStream decompressed = new();
        await using (GZipStream blob = new(_store.Blobs.OpenRead(layer.Blob.Digest), CompressionMode.Decompress))
        {
            await blob.CopyToAsync(decompressed, Cancellation);
        }

        Assert.Equal(archive, decompressed.ToArray());
        Assert.Equal("a/one", await File.ReadAllTextAsync(Path.Combine(layer.Folder, "a/one"), Cancellation));
    }

    [Fact]
    public async Task An_image_of_layers_that_were_made_is_the_same_when_it_is_brought_elsewhere()
    {
        using ImageLease lease = _store.Lease();
        StoredLayer first = await _store.AddLayerAsync(lease, [], new MemoryStream(Archive.Of("a/", "a/one")), Cancellation);
        StoredLayer second = await _store.AddLayerAsync(lease, [first], new MemoryStream(Archive.Of(a => a.AddWhiteout("a/one"))), Cancellation);
        StoredImage made = await _store.WriteImageAsync(lease, [TestImage.Name], new ImageDocument { Architecture = "amd64", Os = "linux" }, [first, second], Cancellation);

        ImageStore other = ImageStore.Open(_folder["other"]);
        StoredImage brought = await other.AddAsync(TestImage.Name, made.Manifest, new StoreSource(_store), null, null, Cancellation);

        Assert.Equal(made.Digest, brought.Digest);
        Assert.Equal(made.LayerFolders.Select(f => FolderText.Of(f)), brought.LayerFolders.Select(f => FolderText.Of(f)));
    }

    [Fact]
    public async Task An_image_without_a_name_is_found_by_digest_and_is_dangling()
    {
        using ImageLease lease = _store.Lease();
        StoredLayer layer = await _store.AddLayerAsync(lease, [], new MemoryStream(Archive.Of("a")), Cancellation);
        StoredImage made = await _store.WriteImageAsync(lease, [], new ImageDocument { Architecture = "amd64", Os = "linux" }, [layer], Cancellation);
        Assert.True(made.IsDangling);
        Assert.Equal(made.Digest, _store.TryFind(made.Reference)!.Digest);
        Assert.Equal(made.Reference, ImageReference.Parse(made.Reference.ToString()));
        Assert.Empty(_store.List());
    }

    [Fact]
    public async Task Names_of_any_bytes_are_unpacked_hidden_and_told_apart()
    {
        string[] below = [TestNames.Odd, TestNames.OddOther, $"{TestNames.OddLong}/", $"{TestNames.OddLong}/{TestNames.Odd}", $"{TestNames.OddLong}/{TestNames.OverlongSlash}", TestNames.OverlongParent];
        using ImageLease lease = _store.Lease();
        StoredLayer first = await _store.AddLayerAsync(lease, [], new MemoryStream(Archive.Of(below)), Cancellation);
        StoredLayer second = await _store.AddLayerAsync(lease, [first], new MemoryStream(Archive.Of(a =>
        {
            a.AddWhiteout(TestNames.Odd);
            a.AddText($"{TestNames.OddLong}/{TestNames.OddOther}", "x");
            a.AddOpaque(TestNames.OddLong);
        })), Cancellation);
        StoredLayer third = await _store.AddLayerAsync(lease, [first, second], new MemoryStream(Archive.Of(a =>
        {
            a.AddWhiteout(TestNames.OddLong);
            a.AddOpaque("");
            a.AddText($"{TestNames.OverlongParent}.new", "y");
        })), Cancellation);
        Assert.Equal([TestNames.OddOther, TestNames.OddLong, $"{TestNames.OddLong}/{TestNames.OddOther}", TestNames.OverlongParent], Shown(first, second));
        Assert.Equal([$"{TestNames.OverlongParent}.new"], Shown(first, second, third));
        StoredImage made = await _store.WriteImageAsync(lease, [TestImage.Name], new ImageDocument { Architecture = "amd64", Os = "linux" }, [first, second, third], Cancellation);
        Assert.Empty(Assert.Single(await _store.VerifyAsync(null, () => new HashSet<Digest>(), _ => { }, Cancellation)).Damages);

        // As those that were unpacked before their size was noted.
        long noted = LayerSize.Of(first.Folder);
        using (Linux.FileDescriptor folder = Linux.Sys.Open(first.Folder, Linux.OpenMode.ReadOnly))
        {
            Linux.Sys.SetAttribute(folder, LayerSize.Attribute, "?"u8);
        }

        Assert.Equal(noted, LayerSize.Of(first.Folder));

        static HashSet<string> Shown(params StoredLayer[] layers)
        {
            using ImageTree tree = ImageTree.Open([.. layers.Select(l => l.Folder)]);
            using ImageTreeNode root = tree.Root();
            return [.. root.Children().SelectMany(c => c.Children().Select(i => i.Path).Prepend(c.Path))];
        }
    }

    [Fact]
    public async Task An_archive_that_is_refused_leaves_nothing()
    {
        using ImageLease lease = _store.Lease();
        byte[] archive = Archive.Of("a", "../b");
        string before = FolderText.Of(_folder.Path, times: false);
        await Assert.ThrowsAsync<QuiltException>(() => _store.AddLayerAsync(lease, [], new MemoryStream(archive), Cancellation));
        Assert.Equal(before, FolderText.Of(_folder.Path, times: false));
    }

    [Fact]
    public void A_configuration_is_written_as_it_was_read_whatever_is_in_it()
    {
        const string json = """
            {"created":"2024-02-03T04:05:06.7891234Z","author":"A","architecture":"arm64","os":"linux","os.version":"1","os.features":["f"],"variant":"v8","config":{"User":"u","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],"Entrypoint":["e"],"Cmd":["c"],"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"l":"m"},"StopSignal":"SIGQUIT","Healthcheck":{"Test":["CMD","t"],"Interval":1,"Timeout":2,"StartPeriod":3,"StartInterval":4,"Retries":5},"OnBuild":["RUN x"],"Shell":["/bin/sh","-c"],"ArgsEscaped":true,"Hostname":"h"},"rootfs":{"type":"layers","diff_ids":[]},"history":[{"created":"2024-02-03T04:05:06Z","created_by":"b","author":"a","comment":"c","empty_layer":true,"x":1}],"docker_version":"1"}
            """;
        ImageDocument document = ImageJson.Read(System.Text.Encoding.UTF8.GetBytes(json), ImageJson.Default.ImageDocument, "configuration");
        Assert.Equal(json.Trim(), JsonSerializer.Serialize(document, ImageJson.Default.ImageDocument));
    }

    /// <summary>Another store as a registry would be.</summary>
    private sealed class StoreSource(ImageStore store) : IBlobSource
    {
        public string Origin => "store";

        public Task<Stream> OpenAsync(Descriptor blob, long offset, CancellationToken cancellation)
        {
            FileStream stream = store.Blobs.OpenRead(blob.Digest);
            stream.Position = offset;
            return Task.FromResult<Stream>(stream);
        }
    }
}
