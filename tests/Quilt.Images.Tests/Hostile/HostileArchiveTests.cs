using System.IO.Compression;
using System.Text;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Images.Tests.Hostile;

/// <summary>The corpus: each is refused, and the store is as it was.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    /// <summary>By what is wrong with each.</summary>
    internal static readonly Dictionary<string, Func<byte[]>> Archives = new()
    {
        ["an absolute path"] = () => new RawArchive().Add('0', "/etc/passwd", "x").End(),
        ["a path that leads upwards"] = () => new RawArchive().Add('0', "a/../../b", "x").End(),
        ["a path that is only upwards"] = () => new RawArchive().Add('5', "..").End(),
        ["an absolute path in PAX"] = () => new RawArchive().Pax("path=/etc/passwd").Add('0', "a", "x").End(),
        ["a path upwards in a long name"] = () => new RawArchive().Extension('L', "../b\0").Add('0', "a", "x").End(),
        ["no path"] = () => new RawArchive().Add('0', "", "x").End(),
        ["a folder that is a link to a file"] = () => new RawArchive().Add('0', "f", "x").Add('2', "l", target: "f").Add('0', "l/x", "x").End(),
        ["links in a circle"] = () => new RawArchive().Add('2', "a", target: "b").Add('2', "b", target: "a").Add('0', "a/x", "x").End(),
        ["a hard link to an absolute path outside"] = () => new RawArchive().Add('1', "a", target: "/etc/passwd").End(),
        ["a hard link upwards"] = () => new RawArchive().Add('1', "a", target: "../../etc/passwd").End(),
        ["a hard link through a link outside"] = () => new RawArchive().Add('2', "l", target: "/").Add('1', "a", target: "l/etc/passwd").End(),
        ["a hard link to a folder"] = () => new RawArchive().Add('5', "d").Add('1', "a", target: "d").End(),
        ["a hard link to nothing"] = () => new RawArchive().Add('1', "a", target: "").End(),
        ["a hard link to itself"] = () => new RawArchive().Add('1', "a", target: "a").End(),
        ["a hard link with content"] = () => new RawArchive().Add('0', "b", "x").Add('1', "a", "x", target: "b").End(),
        ["a block device"] = () => new RawArchive().Add('4', "disk").End(),
        ["a character device"] = () => new RawArchive().Add('3', "mem").End(),
        ["a device of 0:0, which is a whiteout to overlayfs"] = () => new RawArchive().Add('3', "gone").End(),
        ["a file twice"] = () => new RawArchive().Add('0', "a", "x").Add('0', "a", "y").End(),
        ["a file and a folder of one name"] = () => new RawArchive().Add('0', "a", "x").Add('5', "a").End(),
        ["a link and a folder of one name"] = () => new RawArchive().Add('2', "a", target: "/").Add('5', "a").End(),
        ["a file in place of a link"] = () => new RawArchive().Add('2', "a", target: "/etc/passwd").Add('0', "a", "x").End(),
        ["a file in a file"] = () => new RawArchive().Add('0', "a", "x").Add('0', "a/b", "x").End(),
        ["a name that is too long"] = () => new RawArchive().Extension('L', new string('n', 256) + "\0").Add('0', "a", "x").End(),
        ["a path that is too long"] = () => new RawArchive().Extension('L', string.Concat(Enumerable.Repeat("d/", 4000)) + "\0").Add('0', "a", "x").End(),
        ["a name with a NUL in it"] = () => new RawArchive().Extension('L', "a\0b\0").Add('0', "a", "x").End(),
        ["an extension header that is too large"] = () => new RawArchive().Add('x', "p", size: 1L << 40).End(),
        ["two extension headers"] = () => new RawArchive().Pax("path=a").Pax("path=b").Add('0', "c", "x").End(),
        ["two kinds of long names"] = () => new RawArchive().Extension('L', "a\0").Pax("path=b").Add('0', "c", "x").End(),
        ["an extension header at the end"] = () => new RawArchive().Pax("path=a").End(),
        ["a global header that names things"] = () => new RawArchive().Extension('g', RawArchive.Record("path=a")).Add('0', "c", "x").End(),
        ["a PAX record that is longer than all"] = () => new RawArchive().Extension('x', "99 path=a\n").Add('0', "c", "x").End(),
        ["a PAX record of no length"] = () => new RawArchive().Extension('x', "0 path=a\n").Add('0', "c", "x").End(),
        ["a PAX record twice"] = () => new RawArchive().Pax("path=a", "path=b").Add('0', "c", "x").End(),
        ["a PAX size that is negative"] = () => new RawArchive().Pax("size=-1").Add('0', "c", "x").End(),
        ["a PAX size that is more than there is"] = () => new RawArchive().Pax("size=9999999").Add('0', "c", "x").End(),
        ["a PAX owner that is none"] = () => new RawArchive().Pax("uid=4294967295").Add('0', "c", "x").End(),
        ["a PAX time that is none"] = () => new RawArchive().Pax("mtime=soon").Add('0', "c", "x").End(),
        ["an attribute of overlayfs"] = () => new RawArchive().Pax("SCHILY.xattr.trusted.overlay.redirect=/etc").Add('5', "c").End(),
        ["an attribute of an overlayfs of users"] = () => new RawArchive().Pax("SCHILY.xattr.user.overlay.opaque=y").Add('5', "c").End(),
        ["a capability that is none"] = () => new RawArchive().Pax("SCHILY.xattr.security.capability=x").Add('0', "c", "x").End(),
        ["an attribute that is too large"] = () => new RawArchive().Pax("SCHILY.xattr.user.a=" + new string('x', 70_000)).Add('0', "c", "x").End(),
        ["a whiteout of '..'"] = () => new RawArchive().Add('0', ".wh...").End(),
        ["a whiteout of nothing"] = () => new RawArchive().Add('0', ".wh.").End(),
        ["a file in a whiteout"] = () => new RawArchive().Add('0', ".wh.a/b", "x").End(),
        ["a whiteout that is a link"] = () => new RawArchive().Add('2', ".wh.a", target: "/").End(),
        ["a sparse file of 8 EiB"] = () => new RawArchive().Pax("GNU.sparse.major=0", "GNU.sparse.size=9000000000000000000", "GNU.sparse.map=0,1").Add('0', "s", "x").End(),
        ["a sparse file whose pieces overlap"] = () => new RawArchive().Pax("GNU.sparse.size=10", "GNU.sparse.map=0,1,0,1").Add('0', "s", "xy").End(),
        ["a sparse file whose pieces lie outside"] = () => new RawArchive().Pax("GNU.sparse.size=10", "GNU.sparse.map=10,1").Add('0', "s", "x").End(),
        ["a sparse file whose pieces overflow"] = () => new RawArchive().Pax("GNU.sparse.size=10", "GNU.sparse.map=1,999999999999999999").Add('0', "s", "x").End(),
        ["a sparse file with less content than pieces"] = () => new RawArchive().Pax("GNU.sparse.size=10", "GNU.sparse.map=0,5").Add('0', "s", "x").End(),
        ["a sparse file with half a piece"] = () => new RawArchive().Pax("GNU.sparse.size=10", "GNU.sparse.map=0").Add('0', "s", "x").End(),
        ["a sparse file with too many pieces"] = () => new RawArchive().Pax("GNU.sparse.major=1", "GNU.sparse.realsize=10").Add('0', "s", "999999999\n").End(),
        ["a sparse file whose map has no end"] = () => new RawArchive().Pax("GNU.sparse.major=1", "GNU.sparse.realsize=10").Add('0', "s", "1\n0\n").End(),
        ["a sparse file whose map is no number"] = () => new RawArchive().Pax("GNU.sparse.major=1", "GNU.sparse.realsize=10").Add('0', "s", "x\n").End(),
        ["a sparse file in the old form of no pieces and content"] = () => new RawArchive().Add('S', "s", "x").End(),
        ["a sparse folder"] = () => new RawArchive().Pax("GNU.sparse.size=10", "GNU.sparse.map=0,0").Add('5', "s").End(),
        ["an unknown kind of entry"] = () => new RawArchive().Add('V', "label").End(),
        ["a folder with content"] = () => new RawArchive().Add('5', "d", "x").End(),
        ["a size that is negative"] = () => new RawArchive().Add('0', "a", change: b => b.AsSpan(124, 12).Fill(0xFF)).End(),
        ["a checksum that is wrong"] = () =>
        {
            byte[] archive = new RawArchive().Add('0', "a", "x").End();
            archive[0] ^= 1;
            return archive;
        },
        ["an end in a header"] = () => new RawArchive().Add('0', "a", "x").Add('0', "b", "x").Cut(700),
        ["an end in content"] = () => new RawArchive().Add('0', "a", "x").Cut(512),
        ["what is no archive"] = () => Encoding.UTF8.GetBytes(new string('x', 5000)),
    };

    private const int MostEntries = 100;
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;
    private readonly string _before;

    public HostileArchiveTests()
    {
        _store = ImageStore.Open(_folder["images"], new ImageStoreOptions { Unpacking = new UnpackLimits { RatioFreeBytes = 1 << 20, DecompressedBytes = 16 << 20, Entries = MostEntries } });
        TestImage.Of(Archive.Of("kept")).AddToAsync(_store).GetAwaiter().GetResult();
        _before = Tree();
    }

    public static TheoryData<string> Names => [.. Archives.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Refused(string name)
    {
        byte[] archive = Archives[name]();
        await AssertRefusedAsync(ErrorCode.InvalidArgument, TestImage.Of(Archive.Of("below/"), archive));
        using ImageLease lease = _store.Lease();
        await Assert.ThrowsAsync<QuiltException>(() => _store.AddLayerAsync(lease, [], new MemoryStream(archive), TestContext.Current.CancellationToken));
        Assert.Equal(_before, Tree());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("bzip2")]
    public async Task A_compression_out_of_all_proportion_is_refused(string compression)
    {
        byte[] archive = Archive.Of(a => a.AddBytes("zeros", new byte[8 << 20]));
        await AssertRefusedAsync(ErrorCode.ResourceExhausted, TestImage.Of([archive], [Compressed(compression, archive)], MediaTypes.LayerZstd));
    }

    [Fact]
    public async Task A_compression_that_asks_for_more_memory_than_any_should_is_refused()
    {
        byte[] archive = Archive.Of("f");
        await AssertRefusedAsync(ErrorCode.InvalidArgument, TestImage.Of([archive], [Archive.By("xz", archive, "--lzma2=preset=0,dict=1GiB")], MediaTypes.LayerGzip));
    }

    [Fact]
    public async Task An_archive_larger_than_any_may_be_is_refused()
    {
        byte[] random = new byte[17 << 20];
        new Random(3).NextBytes(random);
        await AssertRefusedAsync(ErrorCode.ResourceExhausted, TestImage.Of(Archive.Of(a => a.AddBytes("large", random))));
    }

    [Fact]
    public async Task An_archive_of_more_entries_than_any_may_have_is_refused()
    {
        string[] files = [.. Enumerable.Range(0, MostEntries).Select(i => $"f{i}")];
        await AssertRefusedAsync(ErrorCode.ResourceExhausted, TestImage.Of(Archive.Of(files)));
        await TestImage.Of(Archive.Of(files[..(MostEntries / 2)])).AddToAsync(_store);
    }

    /// <summary>Links lead on in the layers' root, as they do in a container; each of these would lead to a folder of the host's.</summary>
    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("../../../../../../../../../..", false)]
    [InlineData("../../../../../../../../../..", true)]
    public async Task A_link_on_the_way_leads_no_further_than_the_layers(string upwards, bool ofAnEarlierLayer)
    {
        string outside = Directory.CreateDirectory(_folder["outside"]).FullName;
        await File.WriteAllTextAsync(_folder["outside/secret"], "secret", TestContext.Current.CancellationToken);
        string before = FolderText.Of(outside);
        RawArchive link() => new RawArchive().Add('2', "l", target: upwards + outside);
        RawArchive through(RawArchive archive) => archive.Add('0', "l/planted", "x").Add('5', "l/folder").Add('2', "l/link", target: "x").Add('0', ".wh.gone");
        RawArchive linked(RawArchive archive) => archive.Add('1', "hard", target: "l/secret");
        RawArchive removed(RawArchive archive) => archive.Add('0', "l/.wh.secret");
        foreach (Func<RawArchive, RawArchive> attack in (Func<RawArchive, RawArchive>[])[through, linked, removed])
        {
            byte[][] layers = ofAnEarlierLayer ? [link().End(), attack(new RawArchive()).End()] : [attack(link()).End()];
            try
            {
                StoredImage image = await TestImage.Of(layers).AddToAsync(_store);
                Assert.All(image.LayerFolders, f => Assert.DoesNotContain("secret", Directory.EnumerateFiles(f, "hard").Select(File.ReadAllText)));
            }
            catch (QuiltException e)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{attack.Method.Name}: {e.Code} {e.Message}");
                Assert.Equal(ErrorCode.InvalidArgument, e.Code);
            }

            Assert.Equal((before, 1u), (FolderText.Of(outside), (uint)Linux.Sys.TryStatus(_folder["outside/secret"])!.Value.Links));
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("bzip2")]
    public async Task A_compression_that_is_cut_is_refused(string compression)
    {
        byte[] archive = Archive.Of(a => a.AddBytes("f", Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 20_000)))));
        await AssertRefusedAsync(ErrorCode.InvalidArgument, TestImage.Of([archive], [Compressed(compression, archive)[..^40]], MediaTypes.LayerGzip));
    }

    private static byte[] Compressed(string compression, byte[] archive) =>
        compression switch { "gzip" => Archive.Gzip(archive, CompressionLevel.SmallestSize), "zstd" => Archive.Zstd(archive), _ => Archive.By(compression, archive) };

    [Fact]
    public async Task A_layer_that_is_not_what_its_configuration_says_is_refused()
    {
        TestImage image = TestImage.Of([Archive.Of("said")], [Archive.Gzip(Archive.Of("given"))], MediaTypes.LayerGzip);
        await AssertRefusedAsync(ErrorCode.InvalidArgument, image);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_blob_of_another_size_than_said_is_refused(int more)
    {
        TestImage image = TestImage.Of(Archive.Of("a"));
        image.Layers[0] = image.Layers[0] with { Size = image.Layers[0].Size + more };
        image.WriteManifest(MediaTypes.Manifest);
        await AssertRefusedAsync(ErrorCode.InvalidArgument, image);
    }

    [Theory]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws")]
    [InlineData("application/vnd.oci.image.index.v1+json")]
    [InlineData("text/plain")]
    [InlineData("")]
    public async Task A_manifest_of_another_kind_is_refused(string mediaType)
    {
        TestImage image = TestImage.Of(Archive.Of("a"));
        image.Manifest = image.Manifest with { MediaType = mediaType };
        await AssertRefusedAsync(ErrorCode.InvalidArgument, image);
    }

    [Fact]
    public async Task A_layer_of_an_unknown_kind_is_refused() =>
        await AssertRefusedAsync(ErrorCode.InvalidArgument, TestImage.Of([Archive.Of("a")], [Archive.Of("a")], "application/vnd.wasm"));

    [Fact]
    public async Task An_image_for_another_system_is_refused() =>
        await AssertRefusedAsync(ErrorCode.InvalidArgument, TestImage.Of([Archive.Of("a")], [Archive.Of("a")], MediaTypes.Layer, d => d with { Os = "windows" }));

    [Fact]
    public async Task A_manifest_that_is_too_large_is_refused_before_it_is_transferred()
    {
        TestImage image = TestImage.Of(Archive.Of("a"));
        image.Manifest = image.Manifest with { Size = 100 << 20 };
        await AssertRefusedAsync(ErrorCode.InvalidArgument, image);
        Assert.Empty(image.Opened);
    }

    [Fact]
    public async Task What_is_cancelled_midway_leaves_no_more_than_the_beginning_of_its_blob()
    {
        using CancellationTokenSource cancel = new();
        TestImage image = TestImage.Of(Transfers.AddTests.Large());
        image.Read = (blob, content, offset) => blob == image.Layers[0] ? new CancelledStream(content, cancel) : new MemoryStream(content);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.AddAsync(TestImage.Name.WithTag("2"), image.Manifest, image, null, null, cancel.Token));
        Assert.Null(_store.TryFind(TestImage.Name.WithTag("2")));
        Assert.Equal(SharedBlob.Of(image.Layers[0], image.Origin).Key.Hex, Path.GetFileName(Assert.Single(Directory.GetFiles(_folder["images/partial"]))));
        await _store.CollectAsync(() => new HashSet<Digest>(), i => i.IsDangling, TestContext.Current.CancellationToken);
        Assert.Equal(_before, Tree());
    }

    [Fact]
    public async Task A_disk_that_is_full_midway_leaves_the_store_as_it_was()
    {
        using SmallDisk disk = new(_folder["disk"], 2 << 20);
        ImageStore store = ImageStore.Open(Path.Combine(_folder["disk"], "images"));
        await TestImage.Of(Archive.Of("a")).AddToAsync(store);
        string before = FolderText.Of(_folder["disk"], times: false);
        byte[] random = new byte[1200 << 10];
        new Random(4).NextBytes(random);
        byte[] large = Archive.Of(a => a.AddBytes("f", random));

        QuiltException transferred = await Assert.ThrowsAsync<QuiltException>(() => TestImage.Of(large, large).AddToAsync(store));
        Assert.Equal(ErrorCode.ResourceExhausted, transferred.Code);
        Assert.Equal(before, FolderText.Of(_folder["disk"], times: false));

        using ImageLease lease = store.Lease();
        QuiltException made = await Assert.ThrowsAsync<QuiltException>(() => store.AddLayerAsync(lease, [], new MemoryStream(large), TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.ResourceExhausted, made.Code);
        Assert.Equal(before, FolderText.Of(_folder["disk"], times: false));
    }

    private async Task AssertRefusedAsync(ErrorCode code, TestImage image)
    {
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => image.AddToAsync(_store));
        Assert.True(e.Code == code || (code == ErrorCode.InvalidArgument && e.Code == ErrorCode.ResourceExhausted), $"{e.Code}: {e.Message}");
        Assert.False(string.IsNullOrEmpty(e.Remedy));
        Assert.Equal(_before, Tree());
    }

    private string Tree() => FolderText.Of(_folder["images"], times: false);

    private sealed class CancelledStream(byte[] content, CancellationTokenSource cancel) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position > 0)
            {
                await cancel.CancelAsync();
            }

            cancellationToken.ThrowIfCancellationRequested();
            return Read(buffer.Span[..Math.Min(buffer.Length, 100_000)]);
        }
    }
}
