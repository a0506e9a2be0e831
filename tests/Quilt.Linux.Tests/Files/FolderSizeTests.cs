using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Linux.Tests.Files;

public sealed class FolderSizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_files_below_count_whatever_their_names_and_no_link_does()
    {
        Shell("""mkdir -p outside tree/inner/"$(printf 'f\377')" tree/empty; head -c 70000 /dev/zero >outside/file; head -c 3 /dev/zero >tree/a; head -c 5 /dev/zero >tree/inner/"$(printf 'f\377')"/b; ln -s ../outside tree/inner/folder; ln -s ../outside/file tree/file; mkfifo tree/fifo""");
        Assert.Equal(8, FolderSize.Of(_folder["tree"]));
        Assert.Equal(0, FolderSize.Of(_folder["none"]));
        FolderRemoval.Remove(_folder["tree"]);
    }

    /// <summary>Deeper than a path can be, and than there are descriptors.</summary>
    [Theory]
    [InlineData(60, 250)]
    [InlineData(300, 2)]
    public void A_tree_counts_however_deep_it_is(int levels, int length)
    {
        Shell($"""n=$(printf "a%.0s" $(seq {length})); i=0; mkdir deep; cd deep; while [ $i -lt {levels} ]; do mkdir $n; cd -P $n; printf x >file; i=$((i+1)); done""");
        Assert.Equal(levels, FolderSize.Of(_folder["deep"]));
        FolderRemoval.Remove(_folder["deep"]);
    }

    /// <summary>As a container can do while its files are looked at.</summary>
    [Fact]
    public void A_folder_that_becomes_a_link_meanwhile_is_not_followed()
    {
        Shell("mkdir outside tree parked; head -c 70000 /dev/zero >outside/file; ln -s ../outside parked/link; cd tree; for n in $(seq 100); do mkdir $n; printf x >$n/file; done");
        using CancellationTokenSource enough = new();
        Thread swapping = new(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                foreach ((string from, string to) in ((string, string)[])[("tree/50", "parked/50"), ("parked/link", "tree/50"), ("tree/50", "parked/link"), ("parked/50", "tree/50")])
                {
                    Sys.Rename(_folder[from], _folder[to]);
                }
            }
        });
        swapping.Start();
        try
        {
            Assert.All(Enumerable.Range(0, 300).Select(_ => FolderSize.Of(_folder["tree"])), bytes => Assert.InRange(bytes, 99, 100));
        }
        finally
        {
            enough.Cancel();
            swapping.Join();
        }
    }

    private void Shell(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/busybox", ["sh", "-c", script]) { WorkingDirectory = _folder.Path })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
