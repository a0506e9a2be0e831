using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Linux.Tests.Files;

public sealed class FolderRemovalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Deeper than a path can be, and than there are descriptors.</summary>
    [Theory]
    [InlineData(60, 250)]
    [InlineData(300, 2)]
    public void A_tree_goes_however_deep_it_is(int levels, int length)
    {
        Shell($"""n=$(printf "a%.0s" $(seq {length})); i=0; mkdir deep; cd deep; while [ $i -lt {levels} ]; do mkdir $n; : >beside; cd -P $n; i=$((i+1)); done; mkdir moved-0; : >moved-1; : >moved-0/file""");
        FolderRemoval.Remove(_folder["deep"]);
        Assert.False(Directory.Exists(_folder["deep"]));
    }

    [Fact]
    public void Names_may_be_any_bytes()
    {
        Shell("""mkdir -p names/"$(printf 'f\377')" && : >names/"$(printf 'a\200\n')" && : >names/"$(printf 'f\377/\201')" && : >names/moved-0""");
        FolderRemoval.Remove(_folder["names"]);
        Assert.False(Directory.Exists(_folder["names"]));
    }

    [Fact]
    public void Links_go_and_what_they_point_at_stays()
    {
        Shell("mkdir kept tree tree/inner; echo kept >kept/file; ln -s ../kept tree/link; ln -s ../../kept/file tree/inner/link; mkfifo tree/fifo");
        FolderRemoval.Remove(_folder["tree"]);
        Assert.False(Directory.Exists(_folder["tree"]));
        Assert.Equal("kept\n", File.ReadAllText(_folder["kept/file"]));
    }

    [Fact]
    public void Where_something_is_mounted_that_stays_and_the_failure_says_so()
    {
        Shell("mkdir -p outside tree/mounted tree/other; echo kept >outside/file; : >tree/other/file");
        Sys.Mount(_folder["outside"], _folder["tree/mounted"], null, 0x1000); // MS_BIND
        try
        {
            Assert.Equal(Errno.EXDEV, Assert.Throws<SyscallException>(() => FolderRemoval.Remove(_folder["tree"])).Errno);
            Assert.Equal("kept\n", File.ReadAllText(_folder["outside/file"]));
            Assert.False(Directory.Exists(_folder["tree/other"]));
        }
        finally
        {
            Sys.Unmount(_folder["tree/mounted"], lazily: false);
        }

        FolderRemoval.Remove(_folder["tree"]);
        Assert.False(Directory.Exists(_folder["tree"]));
    }

    [Fact]
    public void Where_there_is_none_nothing_happens() => FolderRemoval.Remove(_folder["none"]);

    private void Shell(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/busybox", ["sh", "-c", script]) { WorkingDirectory = _folder.Path })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
