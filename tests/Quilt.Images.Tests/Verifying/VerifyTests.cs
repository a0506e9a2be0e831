using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Images.Tests.Verifying;

public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

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

        ImageCheck check = Assert.Single(await _store.VerifyAsync(null, Nothing, TestContext.Current.CancellationToken));

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
        Assert.NotEmpty(Assert.Single(await _store.VerifyAsync(null, Nothing, TestContext.Current.CancellationToken)).Damages);
        Assert.False(_store.IsIntact(image));

        await source.AddToAsync(_store);

        Assert.True(_store.IsIntact(image));
        Assert.Empty(Assert.Single(await _store.VerifyAsync(null, Nothing, TestContext.Current.CancellationToken)).Damages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_layer_that_was_changed_is_unpacked_anew_where_nothing_stands_on_it(bool isGone)
    {
        StoredImage image = await TestImage.Of(Archive.Of("low"), Archive.Of("a/", "a/one")).AddToAsync(_store);
        string file = Path.Combine(image.LayerFolders[1], "a/one");
        byte[] content = File.ReadAllBytes(file);
        Action damage = isGone ? () => Directory.Delete(image.LayerFolders[1], recursive: true) : () => Flip(file);
        damage();

        Assert.EndsWith("it is in use: remove what is made of it, and verify again", await Problem(() => new HashSet<Digest> { image.Digest }), StringComparison.Ordinal);
        using (ImageLease lease = _store.Lease())
        {
            lease.Hold(image);
            Assert.EndsWith("it is in use: remove what is made of it, and verify again", await Problem(Nothing), StringComparison.Ordinal);
        }

        Assert.False(File.Exists(file) && File.ReadAllBytes(file).SequenceEqual(content));
        Assert.EndsWith("it was unpacked anew", await Problem(Nothing), StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllBytes(file));
        Assert.Null(await Problem(Nothing));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["images/ingest"]));
    }

    private async Task<string?> Problem(Func<IReadOnlySet<Digest>> inUse) =>
        Assert.Single(await _store.VerifyAsync(null, inUse, TestContext.Current.CancellationToken)).Damages.SingleOrDefault()?.Problem;

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
