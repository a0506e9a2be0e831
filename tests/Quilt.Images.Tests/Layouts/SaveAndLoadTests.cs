using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Images.Tests.Layouts;

public sealed class SaveAndLoadTests : IDisposable
{
    private static readonly ImageReference Second = ImageReference.Parse("second:2");
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store, _other;

    public SaveAndLoadTests() => (_store, _other) = (ImageStore.Open(_folder["images"]), ImageStore.Open(_folder["other"]));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_saved_is_the_same_when_it_is_loaded(bool compressed)
    {
        StoredImage one = await TestImage.Of(Archive.Of("a/", "a/b"), Archive.Of(a => a.AddWhiteout("a/b"))).AddToAsync(_store);
        await _store.TagAsync(TestImage.Name, Second, Cancellation);
        byte[] archive = await SaveAsync(TestImage.Name, Second);

        IReadOnlyList<StoredImage> loaded = await _other.LoadAsync(new MemoryStream(compressed ? Archive.Gzip(archive) : archive), null, null, Cancellation);

        Assert.Equal([TestImage.Name, Second], loaded.Select(i => i.Reference));
        Assert.All(loaded, i => Assert.Equal(one.Digest, i.Digest));
        Assert.Equal(one.LayerFolders.Select(f => FolderText.Of(f)), loaded[0].LayerFolders.Select(f => FolderText.Of(f)));
        Assert.Equal(archive, await SaveAsync(TestImage.Name, Second));
    }

    [Fact]
    public async Task Docker_finds_its_own_form_in_what_is_saved()
    {
        StoredImage image = await TestImage.Of(Archive.Of("a")).AddToAsync(_store);
        await _store.TagAsync(TestImage.Name, Second, Cancellation);
        Dictionary<string, byte[]> files = Files(await SaveAsync(Second));
        JsonNode item = JsonNode.Parse(files["manifest.json"])![0]!;
        Assert.Equal("second:2", (string?)item["RepoTags"]![0]);
        Assert.Equal(image.ConfigDigest, Digest.Compute(files[(string)item["Config"]!]));
        Assert.Equal(image.Layers[0].Blob.Digest, Digest.Compute(files[(string)item["Layers"]![0]!]));
        Assert.Equal(image.Layers[0].Blob.Digest.Hex, (string?)JsonNode.Parse(files["repositories"])!["second"]!["2"]);
    }

    [Theory]
    [InlineData("without")]
    [InlineData("another")]
    public async Task A_digest_alone_makes_no_image_of_the_stores_ones_own(string document)
    {
        StoredImage image = await TestImage.Of(Archive.Of("a")).AddToAsync(_store);
        Dictionary<string, byte[]> files = Files(await SaveAsync(TestImage.Name));
        string manifest = $"blobs/sha256/{image.Digest.Hex}", config = $"blobs/sha256/{image.ConfigDigest.Hex}";
        byte[] bare = Archive.Of(a =>
        {
            a.AddBytes("oci-layout", files["oci-layout"]);
            a.AddBytes("index.json", files["index.json"]);
            if (document == "another")
            {
                a.AddBytes(manifest, files[manifest]);
                a.AddBytes(config, [.. files[config], (byte)' ']);
            }
        });

        QuiltException refused = await Assert.ThrowsAsync<QuiltException>(() => _store.LoadAsync(new MemoryStream(bare), null, null, Cancellation));
        Assert.Equal(ErrorCode.InvalidArgument, refused.Code);
    }

    [Fact]
    public async Task What_may_not_be_named_leaves_nothing()
    {
        StoredImage image = await TestImage.Of(Archive.Of("a")).AddToAsync(_store);
        byte[] archive = await SaveAsync(TestImage.Name);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _other.LoadAsync(new MemoryStream(archive), null, _ => throw new InvalidOperationException("not yours"), Cancellation));
        Assert.False(_other.Blobs.Contains(image.Digest));
        Assert.False(_other.Blobs.Contains(image.Layers[0].Blob.Digest));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_load_that_fails_at_a_later_image_leaves_nothing_of_those_before(bool docker)
    {
        TestImage good = TestImage.Of(Archive.Of("good")), bad = TestImage.Of(Archive.Of("bad"), Archive.Of("worse"));
        await good.AddToAsync(_store);
        await _store.AddAsync(Second, bad.Manifest, bad, null, null, Cancellation);
        Dictionary<string, byte[]> files = Files(await SaveAsync(TestImage.Name, Second));
        if (docker)
        {
            files.Remove("index.json");
        }

        files[$"blobs/sha256/{bad.Layers[1].Digest.Hex}"] = Archive.Gzip(Archive.Of("another"));
        await TestImage.Of(Archive.Of("earlier")).AddToAsync(_other);
        string before = FolderText.Of(_folder["other"], times: false);

        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _other.LoadAsync(new MemoryStream(Archive.Of(a => files.ToList().ForEach(f => a.AddBytes(f.Key, f.Value)))), null, null, Cancellation));

        Assert.Equal(ErrorCode.InvalidArgument, e.Code);
        Assert.Equal(before, FolderText.Of(_folder["other"], times: false));
    }

    [Fact]
    public async Task What_Docker_saved_before_it_knew_of_layouts_is_loaded_with_its_configuration_as_it_is()
    {
        byte[] layer = Archive.Of("a/", "a/b");
        byte[] config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux", "rootfs":{"type":"layers","diff_ids":["{{Digest.Compute(layer)}}","{{Digest.Compute(layer)}}"]},"config":{"Cmd":["x"]},"unknown":1}""");
        byte[] archive = Archive.Of(a =>
        {
            a.AddFolder("one", Archive.Plain(0x1ED));
            a.AddBytes("one/layer.tar", layer);
            a.AddSymbolicLink("two/layer.tar", Archive.Plain(), "../one/layer.tar");
            a.AddBytes("config.json", config);
            a.AddText("manifest.json", """[{"Config":"config.json","RepoTags":["old/app:3"],"Layers":["one/layer.tar","two/layer.tar"]}]""");
        });

        StoredImage image = Assert.Single(await _store.LoadAsync(new MemoryStream(archive), null, null, Cancellation));

        Assert.Equal(Digest.Compute(config), image.ConfigDigest);
        Assert.Equal("old/app:3", image.Reference.ToString());
        Assert.Equal("a/b", await File.ReadAllTextAsync(Path.Combine(image.LayerFolders[0], "a/b"), Cancellation));
    }

    [Fact]
    public async Task A_layout_in_a_folder_is_loaded_also_through_an_index_in_it()
    {
        TestImage image = TestImage.Of(Archive.Of("a"));
        Directory.CreateDirectory(_folder["layout/blobs/sha256"]);
        ImageIndex inner = new()
        {
            MediaType = MediaTypes.Index,
            Manifests =
            [
                image.Manifest with { Platform = new Platform { Os = "linux", Architecture = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64" } },
                image.Manifest with { Digest = Digest.Compute("elsewhere"u8), Platform = new Platform { Os = "linux", Architecture = "s390x" } },
            ],
        };
        Descriptor index = image.Add(MediaTypes.Index, JsonSerializer.SerializeToUtf8Bytes(inner, ImageJson.Default.ImageIndex));
        foreach (Descriptor blob in image.Layers.Append(image.Config).Append(image.Manifest).Append(index))
        {
            await File.WriteAllBytesAsync(_folder[$"layout/blobs/sha256/{blob.Digest.Hex}"], image.Content(blob), Cancellation);
        }

        ImageIndex outer = new() { Manifests = [index with { Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = "folder/app:1" } }] };
        await File.WriteAllBytesAsync(_folder["layout/index.json"], JsonSerializer.SerializeToUtf8Bytes(outer, ImageJson.Default.ImageIndex), Cancellation);

        StoredImage loaded = Assert.Single(await LoadFolder());

        Assert.Equal("folder/app:1", loaded.Reference.ToString());
        Assert.Equal(loaded.Digest, _store.TryFind(loaded.Reference.ByDigest(index.Digest))!.Digest);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"manifests":[{}]}""")]
    [InlineData("""{"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}]}""")]
    [InlineData("""{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":5,"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}""")]
    [InlineData("""{"manifests":[{"mediaType":"text/plain","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}]}""")]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("""{"manifests":[null]}""")]
    public async Task A_list_that_leads_to_no_image_is_refused_and_leaves_the_store_as_it_was(string index)
    {
        byte[] archive = Archive.Of(a =>
        {
            a.AddText("index.json", index);
            a.AddText("blobs/sha256/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "{}");
        });
        string before = FolderText.Of(_folder.Path, times: false);
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _store.LoadAsync(new MemoryStream(archive), null, null, Cancellation));
        Assert.Equal(ErrorCode.InvalidArgument, e.Code);
        Assert.Equal(before, FolderText.Of(_folder.Path, times: false));
    }

    [Fact]
    public async Task Indexes_that_lead_to_no_image_again_and_again_end()
    {
        byte[] level = """{"manifests":[]}"""u8.ToArray();
        byte[] archive = Archive.Of(a =>
        {
            for (int depth = 0; depth < 4; depth++)
            {
                string inner = $$"""{"mediaType":"application/vnd.oci.image.index.v1+json","size":1,"digest":"{{Digest.Compute(level)}}"}""";
                a.AddBytes($"blobs/sha256/{Digest.Compute(level).Hex}", level);
                level = Encoding.UTF8.GetBytes($$"""{"manifests":[{{string.Join(',', Enumerable.Repeat(inner, 1000))}}]}""");
            }

            a.AddBytes("index.json", level);
        });
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _store.LoadAsync(new MemoryStream(archive), null, null, Cancellation));
        Assert.Equal(ErrorCode.InvalidArgument, e.Code);
    }

    [Fact]
    public async Task Names_and_files_without_number_are_refused_and_the_list_of_images_can_be_read()
    {
        byte[] layer = Archive.Of("a");
        string config = $$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["{{Digest.Compute(layer)}}"]} }""";
        byte[] named = Archive.Of(a =>
        {
            a.AddText("config.json", config);
            a.AddBytes("layer.tar", layer);
            a.AddText("manifest.json", $$"""[null,{"Config":"config.json","RepoTags":[null,{{string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"a:{i}\""))}}],"Layers":["layer.tar"]}]""");
        });
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _store.LoadAsync(new MemoryStream(named), null, null, Cancellation));
        Assert.Equal(ErrorCode.InvalidArgument, e.Code);
        Assert.Null(_store.TryFind(ImageReference.Parse("a:1")));

        byte[] links = Archive.Of(a =>
        {
            for (int i = 0; i <= 100_000; i++)
            {
                a.AddSymbolicLink($"{i}", Archive.Plain(), "x");
            }
        });
        e = await Assert.ThrowsAsync<QuiltException>(() => _store.LoadAsync(new MemoryStream(links), null, null, Cancellation));
        Assert.Equal(ErrorCode.ResourceExhausted, e.Code);
    }

    [Fact]
    public async Task A_circle_of_indexes_ends()
    {
        // No digests can make a circle, so each level is another file.
        List<byte[]> levels = ["""{"manifests":[]}"""u8.ToArray()];
        for (int i = 0; i < 6; i++)
        {
            levels.Add(Encoding.UTF8.GetBytes($$"""{"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","size":1,"digest":"{{Digest.Compute(levels[^1])}}"}]}"""));
        }

        byte[] archive = Archive.Of(a =>
        {
            levels.ForEach(l => a.AddBytes($"blobs/sha256/{Digest.Compute(l).Hex}", l));
            a.AddBytes("index.json", levels[^1]);
        });
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _store.LoadAsync(new MemoryStream(archive), null, null, Cancellation));
        Assert.Contains("nested", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layouts_links_lead_nowhere_outside_of_it()
    {
        await File.WriteAllTextAsync(_folder["secret"], "[]", Cancellation);
        Directory.CreateDirectory(_folder["layout"]);
        File.CreateSymbolicLink(_folder["layout/index.json"], "../secret");
        await Assert.ThrowsAsync<QuiltException>(() => LoadFolder());
        using FileDescriptor folder = Sys.Open(_folder["layout"], OpenMode.ReadOnly | OpenMode.Directory);
        FolderFiles files = new(folder);
        Assert.Null(files.TryOpen("index.json"));
        Assert.Null(files.TryOpen("../secret"));
    }

    [Fact]
    public async Task A_root_filesystem_becomes_an_image_of_one_layer()
    {
        StoredImage image = await _store.ImportAsync(
            Second, new MemoryStream(Archive.Gzip(Archive.Of("bin/", "bin/sh"))), new ImageDocument { Architecture = "amd64", Os = "linux", Config = new ImageDocumentConfig { Cmd = ["sh"] } }, "", Cancellation);
        Assert.Equal(["sh"], _store.TryFind(Second)!.Config.Cmd);
        ImageHistoryRow row = Assert.Single(_store.HistoryOf(image));
        Assert.Equal((false, 3 * 4096L), (row.IsEmpty, row.SizeBytes)); // root, folder, file
    }

    private static Dictionary<string, byte[]> Files(byte[] archive)
    {
        using TarReader reader = new(new MemoryStream(archive));
        Dictionary<string, byte[]> files = [];
        while (reader.GetNextEntry() is { } entry)
        {
            using MemoryStream content = new();
            entry.DataStream?.CopyTo(content);
            files[entry.Name] = content.ToArray();
        }

        return files;
    }

    private async Task<byte[]> SaveAsync(params ImageReference[] references)
    {
        using MemoryStream output = new();
        await _store.SaveAsync(references, output, Cancellation);
        return output.ToArray();
    }

    private async Task<IReadOnlyList<StoredImage>> LoadFolder()
    {
        using FileDescriptor folder = Sys.Open(_folder["layout"], OpenMode.ReadOnly | OpenMode.Directory);
        return await _store.LoadFolderAsync(folder, null, null, Cancellation);
    }
}
