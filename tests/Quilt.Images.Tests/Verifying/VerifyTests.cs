using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Images.Tests.Verifying;

public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;
    private readonly List<Digest> _replaced = [];

    public VerifyTests() => _store = ImageStore.Open(_folder["images"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nothing", null)]
    [InlineData("blob", "digest")]
    [InlineData("missing blob", "missing")]
    [InlineData("config", "digest")]
    [InlineData("content", "./a/one has other content")]
    [InlineData("mode", "./a/one has another owner or other permissions")]
    [InlineData("extra", "./a/two")]
    [InlineData("folder", "not unpacked")]
    public async Task What_is_damaged_is_named(string what, string? problem)
    {
        StoredImage image = await TestImage.Of(Archive.Of("low"), Archive.Of("a/", "a/one")).AddToAsync(_store);
        string file = Path.Combine(image.LayerFolders[1], "a/one");
        Action damage = what switch
        {
            "blob" => () => Flip(_store.Blobs.PathOf(image.Layers[1].Blob.Digest)),
            "missing blob" => () => File.Delete(_store.Blobs.PathOf(image.Layers[1].Blob.Digest)),
            "config" => () => Flip(_store.Blobs.PathOf(image.ConfigDigest)),
            "content" => () => Flip(file),
            "mode" => () => File.SetUnixFileMode(file, UnixFileMode.UserRead),
            "extra" => () => KeepTime(Path.GetDirectoryName(file)!, () => File.WriteAllText(Path.Combine(image.LayerFolders[1], "a/two"), "")),
            "folder" => () => Directory.Delete(image.LayerFolders[1], recursive: true),
            _ => () => { },
        };
        damage();

        ImageCheck check = Assert.Single(await _store.VerifyAsync(null, Nothing, _replaced.AddRange, TestContext.Current.CancellationToken));

        Assert.Equal(TestImage.Name, check.Reference);
        if (problem is null)
        {
            Assert.Empty(check.Damages);
        }
        else
        {
            Assert.Contains(problem, Assert.Single(check.Damages).Problem, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder["images/ingest"]));
    }

    [Theory]
    [InlineData("blob")]
    [InlineData("config")]
    public async Task What_was_found_damaged_is_got_anew_and_then_whole(string what)
    {
        TestImage source = TestImage.Of(Archive.Of("low"), Archive.Of("a/", "a/one"));
        StoredImage image = await source.AddToAsync(_store);
        Flip(_store.Blobs.PathOf(what == "blob" ? image.Layers[1].Blob.Digest : image.ConfigDigest));
        Assert.NotEmpty(Assert.Single(await _store.VerifyAsync(null, Nothing, _replaced.AddRange, TestContext.Current.CancellationToken)).Damages);
        Assert.False(_store.IsIntact(image));

        await source.AddToAsync(_store);

        Assert.True(_store.IsIntact(image));
        Assert.Empty(Assert.Single(await _store.VerifyAsync(null, Nothing, _replaced.AddRange, TestContext.Current.CancellationToken)).Damages);
    }

    [Fact]
    public async Task A_layer_that_was_changed_is_unpacked_anew_where_nothing_stands_on_it()
    {
        StoredImage image = await TestImage.Of(Archive.Of("low"), Archive.Of("a/", "a/one")).AddToAsync(_store);
        string file = Path.Combine(image.LayerFolders[1], "a/one");
        byte[] content = File.ReadAllBytes(file);
        Flip(file);
        Assert.EndsWith("it is in use: remove what is made of it, and verify again", await Problem(_store, () => new HashSet<Digest> { image.Digest }), StringComparison.Ordinal);

        // Of an image of which it is not known what it has.
        Assert.EndsWith("it is in use: remove what is made of it, and verify again", await Problem(_store, () => new HashSet<Digest> { Digest.Compute([1]) }), StringComparison.Ordinal);
        using (ImageLease lease = _store.Lease())
        {
            lease.Hold(image);
            Assert.EndsWith("somebody works with it at the moment: verify again", await Problem(_store, Nothing), StringComparison.Ordinal);
        }

        Assert.NotEqual(content, File.ReadAllBytes(file));
        Assert.Empty(_replaced);
        Assert.EndsWith("it was unpacked anew", await Problem(_store, Nothing), StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllBytes(file));
        Assert.Equal([image.Digest], _replaced);
        Assert.Null(await Problem(_store, Nothing));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["images/ingest"]));
    }

    /// <summary>Whatever was made of it: that has the folder that was.</summary>
    [Fact]
    public async Task A_layer_that_is_gone_is_unpacked_anew_and_its_image_is_there_again()
    {
        StoredImage image = await TestImage.Of(Archive.Of("low"), Archive.Of("a/", "a/one")).AddToAsync(_store);
        Directory.Delete(image.LayerFolders[1], recursive: true);
        ImageStore later = ImageStore.Open(_folder["images"]);
        Assert.Throws<QuiltException>(() => later.TryFind(TestImage.Name));
        Assert.EndsWith("not unpacked; it was unpacked anew", await Problem(later, () => new HashSet<Digest> { image.Digest }), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(later.TryFind(TestImage.Name)!.LayerFolders[1], "a/one")));
        Assert.Null(await Problem(later, Nothing));
    }

    [Fact]
    public async Task What_is_on_a_damaged_layer_that_stays_is_not_made_as_wrong_as_that()
    {
        StoredImage image = await TestImage.Of(Archive.Of("a/", "a/one"), Archive.Of("a/two")).AddToAsync(_store);
        string low = Path.Combine(image.LayerFolders[0], "a"), high = Path.Combine(image.LayerFolders[1], "a");
        UnixFileMode was = File.GetUnixFileMode(high);
        File.SetUnixFileMode(low, UnixFileMode.UserRead);
        Flip(_store.Blobs.PathOf(image.Layers[0].Blob.Digest));
        await _store.VerifyAsync(null, Nothing, _replaced.AddRange, TestContext.Current.CancellationToken);
        Assert.Equal(was, File.GetUnixFileMode(high));
        Assert.Empty(_replaced);
    }

    private async Task<string?> Problem(ImageStore store, Func<IReadOnlySet<Digest>> inUse) =>
        Assert.Single(await store.VerifyAsync(null, inUse, _replaced.AddRange, TestContext.Current.CancellationToken)).Damages.SingleOrDefault()?.Problem;

    private static HashSet<Digest> Nothing() => [];

    private static void Flip(string path) => KeepTime(path, () =>
    {
        byte[] content = File.ReadAllBytes(path);
        content[^1] ^= 1;
        File.WriteAllBytes(path, content);
    });

    private static void KeepTime(string path, Action act)
    {
        using Linux.FileDescriptor file = Linux.Sys.Open(path, Linux.OpenMode.ReadOnly);
        Linux.FileTime before = Linux.Sys.Status(file).Modified;
        act();
        Linux.Sys.SetTimes(file, before);
    }
}
