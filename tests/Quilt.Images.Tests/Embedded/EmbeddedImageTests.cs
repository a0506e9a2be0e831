using System.Diagnostics;
using System.Formats.Tar;
using Quilt.Testing;

namespace Quilt.Images.Tests.Embedded;

public sealed class EmbeddedImageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_has_the_image_after_the_import_with_every_applet()
    {
        using TemporaryFolder folder = new();
        ImageStore store = ImageStore.Open(folder["images"]);
        Assert.Null(store.TryFind(ImageReference.Parse("quilt/busybox")));

        StoredImage image = await store.ImportEmbeddedAsync(Cancellation);

        Assert.Equal(image, store.TryFind(ImageReference.Parse("quilt/busybox")));
        string layer = Assert.Single(image.LayerFolders);
        Assert.Equal(await File.ReadAllBytesAsync("/bin/busybox", Cancellation), await File.ReadAllBytesAsync(Path.Combine(layer, "bin/busybox"), Cancellation));
        foreach (string applet in Run("/bin/busybox", "--list-full").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            FileInfo file = new(Path.Combine(layer, applet));
            Assert.True(file.ResolveLinkTarget(returnFinalTarget: true)?.FullName == Path.Combine(layer, "bin/busybox") || applet == "bin/busybox", applet);
        }
    }

    [Fact]
    public async Task Its_programs_run_with_nothing_of_the_host_around_them()
    {
        using TemporaryFolder folder = new();
        StoredImage image = await ImageStore.Open(folder["images"]).ImportEmbeddedAsync(Cancellation);
        Assert.Equal("hi root\n", Run("/usr/sbin/chroot", image.LayerFolders[0], "/bin/sh", "-c", "echo hi $(whoami)"));
    }

    [Theory]
    [InlineData("tmp", 0x3FF)]
    [InlineData("var/tmp", 0x3FF)]
    [InlineData("root", 0x1C0)]
    [InlineData("etc/shadow", 0x180)]
    [InlineData("bin/busybox", 0x1ED)]
    [InlineData("proc", 0x16D)]
    public async Task Its_files_have_the_usual_permissions(string path, int mode)
    {
        using TemporaryFolder folder = new();
        StoredImage image = await ImageStore.Open(folder["images"]).ImportEmbeddedAsync(Cancellation);
        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(Path.Combine(image.LayerFolders[0], path)));
    }

    [Fact]
    public void It_is_the_same_each_time_it_is_made()
    {
        EmbeddedImage first = EmbeddedImage.Build(), second = EmbeddedImage.Build();
        Assert.Equal(first.Manifest, second.Manifest);
        Assert.Equal(first.Blobs.Select(b => b.Content), second.Blobs.Select(b => b.Content));
    }

    [Fact]
    public void Nothing_in_its_archive_tells_when_or_by_whom_it_was_made_and_names_are_in_order()
    {
        using TarReader reader = new(new MemoryStream(EmbeddedImage.Build().Blobs[0].Content));
        List<TarEntry> entries = [];
        while (reader.GetNextEntry() is { } entry)
        {
            entries.Add(entry);
        }

        Assert.True(entries.Count > 250, $"{entries.Count} entries");
        Assert.All(entries, e => Assert.Equal((DateTimeOffset.UnixEpoch, 0, 0), (e.ModificationTime, e.Uid, e.Gid)));
        List<string> names = [.. entries.Select(e => e.Name.TrimEnd('/'))];
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public async Task A_second_import_writes_nothing()
    {
        using TemporaryFolder folder = new();
        StoredImage first = await ImageStore.Open(folder["images"]).ImportEmbeddedAsync(Cancellation);
        Dictionary<string, DateTime> before = Times(folder.Path);

        StoredImage second = await ImageStore.Open(folder["images"]).ImportEmbeddedAsync(Cancellation);

        Assert.Equal(first.Digest, second.Digest);
        before.Remove(folder["images/ingest"]);
        Dictionary<string, DateTime> after = Times(folder.Path);
        Assert.All(before, b => Assert.Equal(b.Value, after[b.Key]));
    }

    private static Dictionary<string, DateTime> Times(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .ToDictionary(p => p, File.GetLastWriteTimeUtc);

    internal static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
