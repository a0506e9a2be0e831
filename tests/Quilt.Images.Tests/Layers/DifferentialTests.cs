using Quilt.Core;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Images.Tests.Layers;

/// <summary>What others make of the same: GNU tar, and overlayfs.</summary>
public sealed class DifferentialTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public DifferentialTests() => _store = ImageStore.Open(_folder["images"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--format=posix --xattrs --xattrs-include='*'")]
    [InlineData("--format=gnu")]
    [InlineData("--format=posix --sparse --sparse-version=0.0")]
    [InlineData("--format=posix --sparse --sparse-version=0.1")]
    [InlineData("--format=posix --sparse --sparse-version=1.0 --xattrs --xattrs-include='*'")]
    [InlineData("--format=gnu --sparse")]
    public async Task A_layer_is_what_GNU_tar_makes_of_the_archive(string options)
    {
        Shell.Run($$"""
            set -e
            mkdir -p '{{_folder["in"]}}' '{{_folder["out"]}}'
            cd '{{_folder["in"]}}'
            mkdir -p usr/bin var/tmp etc/empty
            chmod 1777 var/tmp
            chmod 2755 etc
            echo one > usr/bin/one
            ln usr/bin/one usr/bin/hard
            ln -s ../bin/one usr/link
            ln -s nowhere dangling
            mkfifo pipe
            chown -h 1000:1001 usr/link usr/bin/one
            chmod 4711 usr/bin/one
            chown 3000000:3000001 etc/empty
            printf 'long' > usr/$(printf 'n%.0s' $(seq 180))
            touch -d '1969-12-31T23:59:58.25Z' etc/empty
            touch -d '2031-01-02T03:04:05.123456789Z' usr
            truncate -s 3M sparse
            for i in $(seq 1 40); do printf "piece $i" | dd of=sparse bs=1 seek=$((i * 65536)) conv=notrunc status=none; done
            truncate -s 100k hole
            odd="$(printf 'o\377/x')"; mkdir "${odd%/x}"; echo odd > "$odd"; echo other > "$(printf 'o\376')"; ln "$odd" "$(printf 'hard\351%.0s' $(seq 30))"; ln -s "$odd" odd
            cp --sparse=always hole "$(printf 'hole\351')"; dd if=/dev/urandom of="$(printf 'hole\351')" bs=4096 count=1 seek=9 conv=notrunc status=none
            touch -h -d '2020-01-01T00:00:00.5Z' usr/link dangling sparse
            """);
        SetAttribute(_folder["in/usr/bin/one"], "user.note", [1, 0, 255]);
        SetAttribute(_folder["in/usr/bin/one"], "security.capability", Convert.FromHexString("0100000200040000000000000000000000000000"));
        Shell.Run($$"""
            set -e
            cd '{{_folder["in"]}}'
            tar {{options}} -cf ../archive.tar .
            tar --xattrs --xattrs-include='*' -xpf ../archive.tar -C ../out
            """);
        using ImageLease lease = _store.Lease();
        await using FileStream archive = File.OpenRead(_folder["archive.tar"]);
        StoredLayer layer = await _store.AddLayerAsync(lease, [], archive, Cancellation);
        Assert.Equal(FolderText.Of(_folder["out"]), FolderText.Of(layer.Folder));
    }

    [Fact]
    public async Task What_changed_in_an_overlayfs_shows_the_same_on_top_of_the_layers_below()
    {
        using ImageLease lease = _store.Lease();
        StoredLayer first = await AddAsync(lease, [], "a/", "a/one", "a/two", "a/sub/", "a/sub/x", "b/", "b/x", "b/y", "c", $"e/{TestNames.Odd}", $"e/{TestNames.OddOther}", $"e/{TestNames.OddLong}/", $"e/{TestNames.OddLong}/x", "d/", "d/deep/", "d/deep/x", "e/", "e/f");
        StoredLayer second = await _store.AddLayerAsync(lease, [first], new MemoryStream(Archive.Of(a =>
        {
            a.AddWhiteout("a/two");
            a.AddText("a/three", "3");
            a.AddFolder("b", Archive.Plain(0x1C0));
            a.AddOpaque("b");
            a.AddText("b/z", "z");
        })), Cancellation);
        string merged = Overlay([first, second], "first");
        Shell.Run($"""
            set -e
            cd '{merged}'
            rm a/one
            rm -r a/sub
            mkdir a/sub
            echo new > a/sub/y
            rm -r b
            mkdir b
            echo changed >> c
            ln c hard
            chmod 600 d/deep/x
            mv e/f e/g
            ln -s ../c e/link
            rm e/"$(printf 'o\377')"; echo changed > e/"$(printf 'o\376')"; rm e/*/x
            mkfifo e/pipe
            chown 5:6 e
            rm -r d/deep
            echo file > d/deep
            chmod 711 .
            """);
        SetAttribute(Path.Combine(merged, "c"), "user.k", [7]);
        string expected = FolderText.Of(merged);
        using MemoryStream archive = new();
        UpperArchive.Write(_folder["first/upper"], 0, archive, new UpperArchiveOptions(), Cancellation);
        archive.Position = 0;

        StoredLayer third = await _store.AddLayerAsync(lease, [first, second], archive, Cancellation);

        try
        {
            Assert.Equal(expected, FolderText.Of(Overlay([first, second, third], "second")));
        }
        finally
        {
            Shell.Run($"umount '{_folder["first/merged"]}'; umount '{_folder["second/merged"]}'");
        }

        using ImageTree tree = ImageTree.Open([first.Folder, second.Folder, third.Folder]);
        Assert.Equal(
            expected.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0]).Order(StringComparer.Ordinal),
            Paths(tree.Root(), ".").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Layers_unpacked_at_once_are_the_same_as_one_after_the_other()
    {
        // Each asks for what is below it in another way.
        byte[][] archives =
        [
            Archive.Of(a =>
            {
                a.AddFolder("", Archive.Plain(0x1C9));
                a.AddFolder("usr", Archive.Plain(0x1C0));
                a.AddFolder("usr/lib", Archive.Plain(0x1D1));
                a.AddSymbolicLink("lib", Archive.Plain(), "usr/lib");
                a.AddText("usr/lib/gone", "g");
                a.AddText("usr/lib/linked", "l");
            }),
            new RawArchive().Add('0', "lib/through", "t").Add('0', "usr/lib/inferred", "i").End(),
            Archive.Of(a => a.AddWhiteout("lib/gone")),
            new RawArchive().Add('1', "hard", target: "usr/lib/linked").End(),
            Archive.Of("usr/", "usr/own/", "usr/own/file"),
            Archive.Of(a =>
            {
                a.AddOpaque("usr/own");
                a.AddText("usr/own/new", "n");
            }),
            Archive.Of(a => a.AddOpaque("")),
            Archive.Of("last/", "last/x"),
        ];
        ImageStore one = ImageStore.Open(_folder["one"], new ImageStoreOptions { Unpackings = 1 });
        ImageStore many = ImageStore.Open(_folder["many"], new ImageStoreOptions { Unpackings = archives.Length, Transfers = archives.Length });
        string expected = Text(await TestImage.Of(archives).AddToAsync(one));

        // The lower a layer, the later it comes.
        for (int i = 0; i < 5; i++)
        {
            TestImage image = TestImage.Of(archives);
            TaskCompletionSource[] came = [.. archives.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
            came[^1].SetResult();
            image.Read = (blob, content, _) => image.Layers.IndexOf(blob) is >= 0 and var layer && layer < came.Length - 1
                ? new GatedStream(content, came[layer + 1], came[layer])
                : new MemoryStream(content);
            StoredImage stored = await many.AddAsync(TestImage.Name, image.Manifest, image, null, null, Cancellation);
            Assert.Equal(expected, Text(stored));
            await many.RemoveAsync(TestImage.Name, () => new HashSet<Digest>(), Cancellation);
        }

        static string Text(StoredImage image) => string.Join('\n', image.LayerFolders.Select(f => FolderText.Of(f)));
    }

    private static void SetAttribute(string path, string name, byte[] value)
    {
        using FileDescriptor file = Sys.Open(path, OpenMode.ReadOnly);
        Sys.SetAttribute(file, name, value);
    }

    private static List<string> Paths(ImageTreeNode node, string path)
    {
        using (node)
        {
            return [path, .. node.Children().ToList().SelectMany(c => Paths(c, $"{path}/{c.Name}"))];
        }
    }

    private async Task<StoredLayer> AddAsync(ImageLease lease, IReadOnlyList<StoredLayer> below, params string[] paths) =>
        await _store.AddLayerAsync(lease, below, new MemoryStream(Archive.Of(paths)), Cancellation);

    private string Overlay(IReadOnlyList<StoredLayer> layers, string name)
    {
        string lower = string.Join(':', layers.Reverse().Select(l => l.Folder));
        Shell.Run($"mkdir -p '{_folder[name]}/upper' '{_folder[name]}/work' '{_folder[name]}/merged' && chmod --reference='{layers[^1].Folder}' '{_folder[name]}/upper' && touch -r '{layers[^1].Folder}' '{_folder[name]}/upper' && mount -t overlay overlay -o redirect_dir=off,metacopy=off,index=off,lowerdir={lower},upperdir={_folder[name]}/upper,workdir={_folder[name]}/work '{_folder[name]}/merged'");
        return _folder[$"{name}/merged"];
    }

    /// <summary>Waits for another before it gives anything, and tells when it has given all.</summary>
    private sealed class GatedStream(byte[] content, TaskCompletionSource before, TaskCompletionSource after) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await before.Task.WaitAsync(cancellationToken);
            int count = Read(buffer.Span);
            if (count == 0)
            {
                after.TrySetResult();
            }

            return count;
        }
    }
}
