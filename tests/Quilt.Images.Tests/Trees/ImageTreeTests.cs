using Quilt.Core;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Images.Tests.Trees;

public sealed class ImageTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public ImageTreeTests() => _store = ImageStore.Open(_folder["images"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Layers_are_seen_merged()
    {
        using ImageTree tree = await TreeAsync(
            Archive.Of("a/", "a/low", "a/gone", "b/", "b/hidden"),
            Archive.Of(a =>
            {
                a.AddFolder("a", Archive.Plain(0x1C0));
                a.AddWhiteout("a/gone");
                a.AddText("a/top", "t");
                a.AddFolder("b", Archive.Plain(0x1ED));
                a.AddOpaque("b");
                a.AddText("b/new", "n");
            }));

        Assert.Equal(["a", "b"], Names(tree.Root()));
        Assert.Equal(["low", "top"], Names(tree.TryFind("/a")!));
        Assert.Equal(["new"], Names(tree.TryFind("b")!));
        using ImageTreeNode folder = tree.TryFind("a")!;
        Assert.Equal(0x1C0u, folder.Status.Permissions);
        using ImageTreeNode low = tree.TryFind("a/low")!;
        using StreamReader content = new(low.OpenRead());
        Assert.Equal("a/low", await content.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Null(tree.TryFind("a/gone"));
    }

    [Fact]
    public async Task Links_are_followed_inside_the_tree_alone()
    {
        using ImageTree tree = await TreeAsync(Archive.Of(a =>
        {
            a.AddFolder("real", Archive.Plain(0x1ED));
            a.AddText("real/file", "f");
            a.AddSymbolicLink("absolute", Archive.Plain(), "/real");
            a.AddSymbolicLink("upwards", Archive.Plain(), "../../../../real/file");
            a.AddSymbolicLink("circle", Archive.Plain(), "circle");
            a.AddSymbolicLink("nowhere", Archive.Plain(), "/etc/hostname");
        }));
        Assert.Equal("real/file", tree.ResolvePath("absolute/file"));
        Assert.Equal("real/file", tree.ResolvePath("/upwards"));
        Assert.Equal("real", tree.ResolvePath("absolute/../absolute/."));
        Assert.Null(tree.TryFind("nowhere"));
        using ImageTreeNode link = tree.TryFind("absolute", followLast: false)!;
        Assert.Equal((FileKind.SymbolicLink, "/real"), (link.Kind, link.LinkTarget()));
        Assert.Throws<QuiltException>(() => tree.TryFind("circle"));
    }

    private static List<string> Names(ImageTreeNode folder)
    {
        using (folder)
        {
            return [.. folder.Children().Select(c =>
            {
                using (c)
                {
                    return c.Name;
                }
            })];
        }
    }

    private async Task<ImageTree> TreeAsync(params byte[][] archives) =>
        ImageTree.Open((await TestImage.Of(archives).AddToAsync(_store)).LayerFolders);
}
