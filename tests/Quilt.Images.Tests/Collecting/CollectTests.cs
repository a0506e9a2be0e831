using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Images.Tests.Collecting;

public sealed class CollectTests : IDisposable
{
    private static readonly ImageReference Other = ImageReference.Parse("registry.test/other:2");
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public CollectTests() => _store = ImageStore.Open(_folder["images"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_image_goes_with_its_last_name_and_what_others_share_stays()
    {
        byte[] shared = Archive.Of("shared");
        StoredImage kept = await TestImage.Of(shared).AddToAsync(_store);
        await _store.TagAsync(TestImage.Name, Other, Cancellation);
        StoredImage gone = await TestImage.Of(shared, Archive.Of("more")).AddToAsync(_store);
        await _store.TagAsync(TestImage.Name, TestImage.Name.WithTag("second"), Cancellation);

        Collected first = await _store.RemoveAsync(TestImage.Name, None, Cancellation);
        Collected second = await _store.RemoveAsync(TestImage.Name.WithTag("second"), None, Cancellation);

        Assert.Equal([TestImage.Name], first.Names);
        Assert.Empty(first.Images);
        Assert.Equal([gone.Digest], second.Images);
        Assert.Equal((3, 1), (second.Blobs, second.Layers)); // manifest, configuration, one layer
        Assert.True(second.FreedBytes > 0);
        Assert.Equal(kept.Digest, _store.TryFind(Other)!.Digest);
        Assert.All(kept.LayerFolders, f => Assert.True(Directory.Exists(f)));
        Assert.False(Directory.Exists(gone.LayerFolders[1]));
    }

    [Fact]
    public async Task An_image_that_a_container_uses_stays_without_its_name()
    {
        StoredImage image = await TestImage.Of(Archive.Of("a")).AddToAsync(_store);
        Collected removed = await _store.RemoveAsync(TestImage.Name, () => new HashSet<Digest> { image.Digest }, Cancellation);
        Assert.Equal((1, 0), (removed.Names.Count, removed.Images.Count));
        Assert.Equal(image.Digest, _store.TryFind(image.Digest)!.Digest);
        Assert.Empty((await _store.CollectAsync(() => new HashSet<Digest> { image.Digest }, i => true, Cancellation)).Images);

        Assert.Equal([image.Digest], (await _store.CollectAsync(None, i => i.IsDangling, Cancellation)).Images);
        Assert.Null(_store.TryFind(image.Digest));
        Assert.Empty(Directory.GetDirectories(_folder["images/layers"]));
        Assert.Empty(Directory.GetFiles(_folder["images/blobs/sha256"]));
    }

    [Fact]
    public async Task A_digest_takes_all_names_of_its_image()
    {
        StoredImage image = await TestImage.Of(Archive.Of("a")).AddToAsync(_store);
        await _store.TagAsync(TestImage.Name, Other, Cancellation);
        Collected removed = await _store.RemoveAsync(TestImage.Name.ByDigest(image.Digest), None, Cancellation);
        Assert.Equal([Other, TestImage.Name], removed.Names.OrderBy(n => n.Canonical, StringComparer.Ordinal).Reverse());
        Assert.Empty(_store.List());
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _store.RemoveAsync(TestImage.Name, None, Cancellation));
        Assert.Equal(ErrorCode.NotFound, e.Code);
    }

    [Fact]
    public async Task What_is_leased_stays_until_the_lease_ends()
    {
        StoredImage image = await TestImage.Of(Archive.Of("a")).AddToAsync(_store);
        using (ImageLease lease = _store.Lease())
        {
            Assert.NotNull(_store.TryFind(TestImage.Name, lease));
            StoredLayer layer = await _store.AddLayerAsync(lease, [], new MemoryStream(Archive.Of("b")), Cancellation);
            await _store.CollectAsync(None, i => true, Cancellation);
            Assert.True(Directory.Exists(layer.Folder));
            Assert.Equal(image.Digest, _store.TryFind(image.Digest)!.Digest);
        }

        await _store.CollectAsync(None, i => true, Cancellation);
        Assert.Empty(Directory.GetDirectories(_folder["images/layers"]));
        Assert.Empty(Directory.GetFiles(_folder["images/blobs/sha256"]));
    }

    [Fact]
    public async Task A_lease_that_ends_while_a_collection_goes_on_still_counts()
    {
        ImageLease lease = _store.Lease();
        StoredImage image = await TestImage.Of(Archive.Of("a")).AddToAsync(_store);
        Assert.NotNull(_store.TryFind(TestImage.Name, lease));
        await _store.CollectAsync(
            () =>
            {
                // A container has come, its creator lets go; the collection asked who uses what just before.
                lease.Dispose();
                return new HashSet<Digest>();
            },
            i => true,
            Cancellation);
        Assert.NotNull(_store.TryFind(image.Digest));
    }

    [Fact]
    public async Task Pulls_creates_removals_and_collections_at_once_never_break_what_somebody_holds()
    {
        byte[] shared = Archive.Of("shared/", "shared/a");
        TestImage[] images = [.. Enumerable.Range(0, 3).Select(i => TestImage.Of(shared, Archive.Of($"own{i}")))];
        using CancellationTokenSource end = new(TimeSpan.FromSeconds(3)), patience = new(TimeSpan.FromMinutes(1));
        int held = 0;
        Task[] work =
        [
            .. images.Select((image, i) => Repeat(() => _store.AddAsync(Name(i), image.Manifest, image, null, null, CancellationToken.None))),
            .. images.Select((_, i) => Repeat(async () =>
            {
                try
                {
                    await _store.RemoveAsync(Name(i), None, CancellationToken.None);
                }
                catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
                {
                }
            })),
            Repeat(() => _store.CollectAsync(None, i => true, CancellationToken.None)),
            .. images.Select((_, i) => Repeat(() =>
            {
                using ImageLease lease = _store.Lease();
                if (_store.TryFind(Name(i), lease) is { } image)
                {
                    Interlocked.Increment(ref held);
                    Assert.Equal("shared/a", File.ReadAllText(Path.Combine(image.LayerFolders[0], "shared/a")));
                    Assert.All(image.Layers, l => Assert.True(_store.Blobs.Contains(l.Blob.Digest)));
                }

                return Task.CompletedTask;
            })),
        ];
        await Task.WhenAll(work);
        Assert.True(held > 0);
        await _store.CollectAsync(None, i => true, Cancellation);
        Assert.Empty(Directory.GetDirectories(_folder["images/layers"]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["images/trash"]));

        static ImageReference Name(int i) => TestImage.Name.WithTag($"{i}");

        Task Repeat(Func<Task> act) => Task.Run(async () =>
        {
            // On a busy machine none may have been there yet when it was looked for.
            while (!end.IsCancellationRequested || (Volatile.Read(ref held) == 0 && !patience.IsCancellationRequested))
            {
                await act();
            }
        });
    }

    [Fact]
    public async Task Usage_tells_what_is_shared_and_what_goes_with_an_image()
    {
        byte[] shared = Archive.Of(a => a.AddBytes("shared", new byte[10_000]));
        StoredImage one = await TestImage.Of(shared).AddToAsync(_store);
        await _store.TagAsync(TestImage.Name, Other, Cancellation);
        StoredImage two = await TestImage.Of(shared, Archive.Of(a => a.AddBytes("own", new byte[5000]))).AddToAsync(_store);

        StoreUsage usage = _store.DiskUsage();

        Assert.Equal(12_288 + 4096 + 8192 + 4096, usage.LayerBytes);
        Assert.Equal(0, usage.UnreferencedBytes);
        ImageUsage ofTwo = usage.Images.Single(i => i.Manifest == two.Digest), ofOne = usage.Images.Single(i => i.Manifest == one.Digest);
        Assert.Equal([TestImage.Name], ofTwo.Names);
        Assert.Equal([Other], ofOne.Names);
        Assert.Equal(ofOne.SharedBytes, ofTwo.SharedBytes);
        Assert.Equal(8192 + 4096 + two.Layers[1].Blob.Size + two.Manifest.Size + _store.Blobs.SizeOf(two.ConfigDigest), ofTwo.UniqueBytes);
        Assert.Equal(usage.TotalBytes, ofOne.SharedBytes + ofOne.UniqueBytes + ofTwo.UniqueBytes);
    }

    [Fact]
    public async Task A_store_takes_no_more_than_it_may_and_says_so()
    {
        ImageStore small = ImageStore.Open(_folder["small"], new ImageStoreOptions { MostBytes = 100_000 });
        await TestImage.Of(Archive.Of("a")).AddToAsync(small);
        string before = FolderText.Of(_folder["small"], times: false);
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => TestImage.Of(Archive.Of(a => a.AddBytes("large", new byte[200_000]))).AddToAsync(small));
        Assert.Equal(ErrorCode.ResourceExhausted, e.Code);
        Assert.Contains("100000", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, FolderText.Of(_folder["small"], times: false));
    }

    private static IReadOnlySet<Digest> None() => new HashSet<Digest>();
}
