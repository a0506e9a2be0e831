using Quilt.Core;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Images.Tests.Uppers;

public sealed class UpperArchiveTests : IDisposable
{
    private const uint Base = 100_000;
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public UpperArchiveTests() => _store = ImageStore.Open(_folder["images"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_container_changed_is_the_same_when_it_is_a_layer()
    {
        using ImageLease lease = _store.Lease();
        StoredLayer below = await _store.AddLayerAsync(lease, [], new MemoryStream(Archive.Of("keep/", "keep/gone", "hidden/", "hidden/x")), Cancellation);
        string upper = Upper();

        StoredLayer layer = await _store.AddLayerAsync(lease, [below], Write(upper), Cancellation);

        Assert.Equal(FolderText.Of(upper, shift: Base).Replace("0100000302000000000000000000000000000000A0860100", "0100000202000000000000000000000000000000", StringComparison.Ordinal), FolderText.Of(layer.Folder));
    }

    [Fact]
    public void The_same_changes_make_the_same_bytes_and_times_can_be_limited()
    {
        string upper = Upper();
        byte[] first = Write(upper).ToArray();
        Assert.Equal(first, Write(upper).ToArray());
        byte[] clamped = Write(upper, new UpperArchiveOptions { LatestTime = DateTimeOffset.FromUnixTimeSeconds(1000) }).ToArray();
        using MemoryStream stream = new(clamped);
        ArchiveReader reader = new(stream, new UnpackLimits());
        while (reader.Next() is { } entry)
        {
            Assert.InRange(entry.Modified.Seconds, long.MinValue, 1000);
        }
    }

    [Fact]
    public void What_is_excluded_is_left_out_with_all_below_it()
    {
        using MemoryStream stream = Write(Upper(), new UpperArchiveOptions { Excluded = ["keep", "fifo"] });
        ArchiveReader reader = new(stream, new UnpackLimits());
        List<string> paths = [];
        while (reader.Next() is { } entry)
        {
            paths.Add(entry.DisplayPath);
        }

        Assert.DoesNotContain(paths, p => p.StartsWith("keep", StringComparison.Ordinal) || p == "fifo");
        Assert.Contains("hidden/.wh..wh..opq", paths);
    }

    [Fact]
    public void A_name_that_is_not_UTF8_is_refused()
    {
        string upper = _folder["bad"];
        Directory.CreateDirectory(upper);
        Shell.Run($"touch \"$(printf '{upper}/a\\377b')\"");
        QuiltException e = Assert.Throws<QuiltException>(() => Write(upper));
        Shell.Run($"rm -r '{upper}'"); // .NET cannot name it
        Assert.Equal(ErrorCode.FailedPrecondition, e.Code);
    }

    [Fact]
    public void Folders_that_are_too_deep_are_refused()
    {
        string upper = _folder["deep"];
        Directory.CreateDirectory(Path.Combine([upper, .. Enumerable.Repeat(new string('d', 200), 16)]));
        QuiltException e = Assert.Throws<QuiltException>(() => Write(upper));
        Assert.Equal(ErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("3072", e.Message, StringComparison.Ordinal);
    }

    private static MemoryStream Write(string upper, UpperArchiveOptions? options = null)
    {
        MemoryStream archive = new();
        UpperArchive.Write(upper, Base, archive, options ?? new UpperArchiveOptions(), Cancellation);
        archive.Position = 0;
        return archive;
    }

    /// <summary>With all that overlayfs puts into one.</summary>
    private string Upper()
    {
        string path = _folder["upper"];
        Directory.CreateDirectory(Path.Combine(path, "keep"));
        Directory.CreateDirectory(Path.Combine(path, "hidden"));
        File.WriteAllText(Path.Combine(path, "file"), "content");
        File.WriteAllText(Path.Combine(path, new string('n', 200)), "long name");
        File.WriteAllText(Path.Combine(path, "ü"), "");
        File.CreateSymbolicLink(Path.Combine(path, "link"), new string('t', 300));
        using FileDescriptor root = Sys.Open(path, OpenMode.ReadOnly | OpenMode.Directory);
        using (FileDescriptor keep = Sys.OpenAt(root, "keep", OpenMode.ReadOnly | OpenMode.Directory))
        {
            Sys.MakeWhiteoutAt(keep, "gone");
        }

        using (FileDescriptor hidden = Sys.OpenAt(root, "hidden", OpenMode.ReadOnly | OpenMode.Directory))
        {
            Opaque.Set(hidden);
        }

        Sys.MakeFifoAt(root, "fifo", 0x180);
        Sys.MakeHardLinkAt(root, "file", root, "second");
        Own(path);
        using FileDescriptor file = Sys.OpenAt(root, "file", OpenMode.ReadOnly);
        Sys.SetPermissions(file, 0x9ED); // 04755
        Sys.SetAttribute(file, "user.note", [0, 1, 255]);
        Sys.SetAttribute(file, "security.capability", Convert.FromHexString("0100000302000000000000000000000000000000A0860100"));
        Sys.SetTimes(file, new FileTime(-5, 250));
        Sys.SetTimes(root, new FileTime(1_600_000_000, 1));
        return path;
    }

    private static void Own(string folder)
    {
        using FileDescriptor opened = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        Sys.SetOwner(opened, Base, Base);
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            Sys.SetOwnerAt(opened, Path.GetFileName(path), Base + 1000, Base + 7);
            if (Directory.Exists(path))
            {
                using FileDescriptor inner = Sys.Open(path, OpenMode.ReadOnly | OpenMode.Directory);
                foreach (string child in Directory.EnumerateFileSystemEntries(path))
                {
                    Sys.SetOwnerAt(inner, Path.GetFileName(child), Base, Base);
                }
            }
        }
    }
}
