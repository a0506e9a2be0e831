using System.Text;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Images.Tests.Transfers;

public sealed class AddTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public AddTests() => _store = ImageStore.Open(_folder["images"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain", MediaTypes.Layer)]
    [InlineData("gzip", MediaTypes.LayerGzip)]
    [InlineData("zstd", MediaTypes.LayerZstd)]
    [InlineData("xz", MediaTypes.Layer)]
    [InlineData("bzip2", MediaTypes.Layer)]
    [InlineData("gzip", MediaTypes.DockerLayerGzip)]
    [InlineData("gzip", MediaTypes.Layer)] // names are often wrong
    public async Task A_layer_of_any_usual_compression_and_name_is_unpacked(string compression, string mediaType)
    {
        byte[][] archives = [Archive.Of("a/", "a/one"), Archive.Of("a/", "a/two")];
        IEnumerable<byte[]> blobs = archives.Select(a => compression switch { "gzip" => Archive.Gzip(a), "zstd" => Archive.Zstd(a), "xz" or "bzip2" => Archive.By(compression, a), _ => a });
        TestImage image = TestImage.Of(archives, blobs, mediaType, docker: mediaType == MediaTypes.DockerLayerGzip);

        StoredImage stored = await image.AddToAsync(_store);

        Assert.Equal("a/one", await File.ReadAllTextAsync(Path.Combine(stored.LayerFolders[0], "a/one"), TestContext.Current.CancellationToken));
        Assert.Equal("a/two", await File.ReadAllTextAsync(Path.Combine(stored.LayerFolders[1], "a/two"), TestContext.Current.CancellationToken));
        Assert.Equal(stored, _store.TryFind(TestImage.Name));
        Assert.Equal(image.Layers, stored.Layers.Select(l => l.Blob));
    }

    [Fact]
    public async Task What_came_before_its_source_gave_no_more_is_not_transferred_again()
    {
        TestImage image = TestImage.Of(Archive.Of("one"), Archive.Of("two"));
        image.Read = (blob, content, offset) => blob.Digest == image.Layers[1].Digest
            ? throw new QuiltException(ErrorCode.ResourceExhausted, "no more today")
            : new MemoryStream(content) { Position = offset };

        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => image.AddToAsync(_store));
        Assert.Equal((ErrorCode.ResourceExhausted, "no more today"), (e.Code, e.Message));
        Assert.Null(_store.TryFind(TestImage.Name));
        image.Read = (_, content, offset) => new MemoryStream(content) { Position = offset };
        image.Opened.Clear();
        await image.AddToAsync(_store);
        Assert.DoesNotContain(image.Config.Digest, image.Opened.Select(o => o.Digest));
        Assert.Contains(image.Layers[1].Digest, image.Opened.Select(o => o.Digest));
    }

    [Fact]
    public async Task A_document_that_the_disk_has_damaged_is_got_again()
    {
        TestImage image = TestImage.Of(Archive.Of("one"));
        StoredImage stored = await image.AddToAsync(_store);
        await File.WriteAllTextAsync(_folder[$"images/blobs/sha256/{stored.ConfigDigest.Hex}"], "damaged", TestContext.Current.CancellationToken);
        ImageStore anew = ImageStore.Open(_folder["images"]);
        Assert.Throws<QuiltException>(() => anew.TryFind(TestImage.Name));
        Assert.Equal(stored.ConfigDigest, (await image.AddToAsync(anew)).ConfigDigest);
    }

    [Fact]
    public async Task What_is_here_already_is_not_transferred_again()
    {
        byte[] shared = Archive.Of("a/", "a/one");
        await TestImage.Of(shared).AddToAsync(_store);
        TestImage second = TestImage.Of(shared, Archive.Of("b"));
        List<TransferProgress> told = [];

        await second.AddToAsync(_store, new Told(told));

        Assert.DoesNotContain(second.Layers[0].Digest, second.Opened.Select(o => o.Digest));
        Assert.Contains(second.Layers[1].Digest, second.Opened.Select(o => o.Digest));
        Assert.Equal(TransferStage.Present, told.Last(t => t.Blob.Digest == second.Layers[0].Digest).Stage);
        Assert.Equal(TransferStage.Done, told.Last(t => t.Blob.Digest == second.Layers[1].Digest).Stage);
    }

    [Fact]
    public async Task A_transfer_that_was_cut_goes_on_where_it_ended()
    {
        TestImage image = TestImage.Of(Large());
        image.Read = (blob, content, offset) => blob == image.Layers[0] ? new CutStream(content, offset, 70_000) : new MemoryStream(content) { Position = offset };
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => image.AddToAsync(_store));
        Assert.Equal(ErrorCode.Unavailable, e.Code);
        Assert.Null(_store.TryFind(TestImage.Name));

        image.Read = (_, content, offset) => new MemoryStream(content) { Position = offset };
        StoredImage stored = await image.AddToAsync(ImageStore.Open(_folder["images"]));

        Assert.Contains((image.Layers[0].Digest, 70_000), image.Opened);
        Assert.Equal(300_000, new FileInfo(Path.Combine(stored.LayerFolders[0], "large")).Length);
        Assert.Empty(Directory.GetFiles(_folder["images/partial"]));
    }

    [Fact]
    public async Task A_partial_blob_that_the_disk_has_changed_is_transferred_from_its_beginning()
    {
        TestImage image = TestImage.Of(Large());
        byte[] damaged = image.Content(image.Layers[0])[..50_000];
        damaged[100] ^= 1;
        await WritePartialAsync(image, 0, damaged);

        await image.AddToAsync(_store);

        Assert.Equal([50_000, 0], image.Opened.Where(o => o.Digest == image.Layers[0].Digest).Select(o => o.Offset));
    }

    [Fact]
    public async Task Of_several_partial_blobs_that_the_disk_has_changed_each_is_transferred_from_its_beginning()
    {
        TestImage image = TestImage.Of(Large(), Archive.Of("b"));
        await WritePartialAsync(image, 0, new byte[20]);
        await WritePartialAsync(image, 1, new byte[20]);
        TaskCompletionSource opened = new();
        image.Read = (blob, content, offset) =>
        {
            if (blob.Digest == image.Layers[0].Digest)
            {
                return new StandingStream(content, offset, opened.Task);
            }

            // The second is still on its way when the first is found out, and stays as it was.
            bool isFirst = blob.Digest == image.Layers[1].Digest && opened.TrySetResult();
            return new StandingStream(content, offset, isFirst ? new TaskCompletionSource().Task : Task.CompletedTask);
        };

        await image.AddToAsync(_store);

        Assert.Equal([20, 20, 0], image.Opened.Where(o => o.Digest == image.Layers[1].Digest).Select(o => o.Offset));
        Assert.Empty(Directory.GetFiles(_folder["images/partial"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transfer_that_stands_still_keeps_nobody_waiting_who_gets_the_same_from_elsewhere(bool layer)
    {
        TestImage standing = TestImage.Of(Large(), Archive.Of("b")), going = standing.From("elsewhere.test");
        TaskCompletionSource stands = new(), mayGoOn = new();
        standing.Read = (blob, content, offset) =>
        {
            if (blob.Digest != (layer ? standing.Layers[0] : standing.Config).Digest)
            {
                return new MemoryStream(content) { Position = offset };
            }

            stands.TrySetResult();
            return new StandingStream(content, offset, mayGoOn.Task);
        };
        Task<StoredImage> first = standing.AddToAsync(_store);
        await stands.Task;

        StoredImage second = await going.AddToAsync(_store);

        Assert.Equal(300_000, new FileInfo(Path.Combine(second.LayerFolders[0], "large")).Length);
        Assert.False(first.IsCompleted);
        mayGoOn.SetResult();
        Assert.Equal(second.Digest, (await first).Digest);
        Assert.Empty(Directory.GetFiles(_folder["images/partial"]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["images/ingest"]));
    }

    [Fact]
    public async Task What_another_origin_left_half_done_is_not_gone_on_with()
    {
        TestImage image = TestImage.Of(Large()), elsewhere = image.From("elsewhere.test");
        await WritePartialAsync(elsewhere, 0, new byte[20]);

        await image.AddToAsync(_store);

        Assert.Equal(0, Assert.Single(image.Opened, o => o.Digest == image.Layers[0].Digest).Offset);
    }

    [Theory]
    [InlineData("layer")]
    [InlineData("configuration")]
    [InlineData("manifest")]
    public async Task A_blob_that_is_not_what_its_digest_says_is_refused_and_leaves_no_name(string which)
    {
        // As long as the right one, and as good: the digest alone tells them apart.
        TestImage image = TestImage.Of(Large());
        Descriptor changed = which switch { "layer" => image.Layers[0], "configuration" => image.Config, _ => image.Manifest };
        image.Read = (blob, content, offset) => new MemoryStream(blob.Digest == changed.Digest ? Changed(content) : content) { Position = offset };
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => image.AddToAsync(_store));
        Assert.Equal(ErrorCode.InvalidArgument, e.Code);
        Assert.Contains(changed.Digest.Hex[..12], e.Message, StringComparison.Ordinal);
        Assert.Null(_store.TryFind(TestImage.Name));
        Assert.True(which == "configuration" || Directory.GetDirectories(_folder["images/layers"]).Length == 0);

        // The time in the header of what gzip makes (RFC 1952), a time, and another name of a layer's compression.
        static byte[] Changed(byte[] content) => content[0] == 0x1F
            ? [.. content[..4], (byte)(content[4] ^ 1), .. content[5..]]
            : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace("1970", "1971", StringComparison.Ordinal).Replace("gzip", "zstd", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_who_want_the_same_image_at_once_transfer_it_once()
    {
        TestImage image = TestImage.Of(Large(), Archive.Of("b"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => image.AddToAsync(_store))));
        Assert.Equal(image.Opened.Count, image.Opened.Distinct().Count());
    }

    [Fact]
    public async Task An_image_is_found_by_its_tag_its_digest_and_that_of_its_index()
    {
        TestImage image = TestImage.Of(Archive.Of("a"));
        Descriptor index = image.Add(MediaTypes.Index, "{}"u8.ToArray());
        StoredImage stored = await _store.AddAsync(TestImage.Name, image.Manifest, image, index, null, TestContext.Current.CancellationToken);

        ImageStore again = ImageStore.Open(_folder["images"]);
        Assert.Equal(stored.Digest, again.TryFind(TestImage.Name)!.Digest);
        Assert.Equal(stored.Digest, again.TryFind(TestImage.Name.ByDigest(stored.Digest))!.Digest);
        Assert.Equal(stored.Digest, again.TryFind(TestImage.Name.ByDigest(index.Digest))!.Digest);
        Assert.Null(again.TryFind(ImageReference.Parse("registry.test/other").ByDigest(index.Digest)));
    }

    [Fact]
    public async Task An_image_that_loses_its_name_to_another_stays_found_by_digest()
    {
        StoredImage first = await TestImage.Of(Archive.Of("a")).AddToAsync(_store);
        StoredImage second = await TestImage.Of(Archive.Of("b")).AddToAsync(_store);

        Assert.Equal(second.Digest, _store.TryFind(TestImage.Name)!.Digest);
        Assert.Equal(first.Digest, _store.TryFind(TestImage.Name.ByDigest(first.Digest))!.Digest);
        Assert.Equal(first.Digest, Assert.Single(_store.ListDangling()).Digest);
        Assert.Equal(second.Digest, Assert.Single(_store.List()).Digest);
    }

    private Task WritePartialAsync(TestImage image, int layer, byte[] content) =>
        File.WriteAllBytesAsync(_folder[$"images/partial/{SharedBlob.Of(image.Layers[layer], image.Origin).Key.Hex}"], content, TestContext.Current.CancellationToken);

    internal static byte[] Large()
    {
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);
        return Archive.Of(archive => archive.AddBytes("large", content));
    }

    private sealed class Told(List<TransferProgress> told) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            lock (told)
            {
                told.Add(value);
            }
        }
    }
}
