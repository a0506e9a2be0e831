using Quilt.Core;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Images.Tests.Uppers;

public sealed class UpperArchiveTests : IDisposable
{
    private const uint Base = TestUpper.Base;
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public UpperArchiveTests() => _store = ImageStore.Open(_folder["images"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_container_changed_is_the_same_when_it_is_a_layer()
    {
        using ImageLease lease = _store.Lease();
        StoredLayer below = await _store.AddLayerAsync(lease, [], new MemoryStream(Archive.Of("keep/", "keep/gone", $"keep/{TestNames.Odd}", "hidden/", "hidden/x")), Cancellation);
        string upper = TestUpper.Make(_folder["upper"]);

        StoredLayer layer = await _store.AddLayerAsync(lease, [below], Write(upper), Cancellation);

        Assert.Equal(FolderText.Of(upper, shift: Base).Replace("0100000302000000000000000000000000000000A0860100", "0100000202000000000000000000000000000000", StringComparison.Ordinal), FolderText.Of(layer.Folder));
    }

    [Fact]
    public void The_same_changes_make_the_same_bytes_and_times_can_be_limited()
    {
        string upper = TestUpper.Make(_folder["upper"]);
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
        using MemoryStream stream = Write(TestUpper.Make(_folder["upper"]), new UpperArchiveOptions { Excluded = ["keep", "fifo"] });
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
}
