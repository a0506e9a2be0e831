using Quilt.Testing;

namespace Quilt.Linux.Tests.Files;

public sealed class ContentCopyTests : IDisposable
{
    private const int Size = 3 << 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>To /dev/shm nothing can be shared; nor can it where this folder's file system cannot.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_blocks_cannot_be_shared_the_content_is_copied(bool elsewhere)
    {
        string targets = elsewhere ? Directory.CreateDirectory($"/dev/shm/quilt-test-{Guid.NewGuid():N}").FullName : _folder.Path;
        try
        {
            ContentCopy copy = new(TestContext.Current.CancellationToken);
            for (int i = 0; i < 2; i++)
            {
                byte[] content = Make($"from{i}");
                string to = Path.Combine(targets, $"to{i}");
                Assert.Equal(Size, Copy(copy, _folder[$"from{i}"], to));
                Assert.Equal(content, File.ReadAllBytes(to));
            }
        }
        finally
        {
            if (elsewhere)
            {
                Directory.Delete(targets, recursive: true);
            }
        }
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task Where_blocks_can_be_shared_no_content_is_copied_until_one_of_the_two_is_written_to(string kind)
    {
        using LoopDisk disk = await LoopDisk.MakeAsync(kind);
        string from = Path.Combine(disk.Path, "from"), to = Path.Combine(disk.Path, "to");
        byte[] content = Make(from);
        Assert.Equal(Size, Copy(new ContentCopy(TestContext.Current.CancellationToken), from, to));
        Assert.True(await FileExtents.AreSharedAsync(to));
        await File.WriteAllTextAsync(from, "other", TestContext.Current.CancellationToken);
        Assert.Equal(content, await File.ReadAllBytesAsync(to, TestContext.Current.CancellationToken));
    }

    private byte[] Make(string name)
    {
        byte[] content = new byte[Size];
        Random.Shared.NextBytes(content);
        File.WriteAllBytes(_folder[name], content);
        return content;
    }

    private static long Copy(ContentCopy copy, string from, string to)
    {
        using FileDescriptor source = Sys.Open(from, OpenMode.ReadOnly), target = Sys.Open(to, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Exclusive, 0x180);
        return copy.Copy(source, Sys.Status(source), target);
    }
}
