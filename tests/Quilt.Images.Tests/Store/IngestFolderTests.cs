using Quilt.Linux;
using Quilt.Testing;
using Xunit;

namespace Quilt.Images.Tests.Store;

public sealed class IngestFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_cannot_be_removed_now_goes_later()
    {
        IngestFolder ingest = IngestFolder.Create(_folder.Path);
        Directory.CreateDirectory(ingest["layer"]);
        Sys.Mount("tmpfs", ingest["layer"], "tmpfs", 0, "size=4k");
        try
        {
            ingest.Dispose();
            Assert.NotEmpty(Directory.GetFiles(_folder.Path)); // its lock: nobody else takes it for abandoned
        }
        finally
        {
            Sys.Unmount(ingest["layer"], lazily: true);
        }

        await Deadline.Until(() => !Directory.EnumerateFileSystemEntries(_folder.Path).Any(), TimeSpan.FromSeconds(60));
    }
}
