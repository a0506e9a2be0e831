using Quilt.Testing;

namespace Quilt.Linux.Tests.Files;

public sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_replaces_and_leaves_nothing_else()
    {
        DurableFile.Write(_folder.Path, "exit", "7"u8);
        DurableFile.Write(_folder.Path, "exit", "137"u8);
        Assert.Equal("137", File.ReadAllText(_folder["exit"]));
        Assert.Equal(["exit"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["exit"]));
    }

    [Fact]
    public void A_failure_leaves_nothing_new_behind()
    {
        // A folder under the name: the rename fails after all was written.
        Directory.CreateDirectory(_folder["exit/full"]);
        Assert.Throws<SyscallException>(() => DurableFile.Write(_folder.Path, "exit", "7"u8));
        Assert.Equal(["exit"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_a_killed_writer_left_is_taken_away_and_what_one_that_lives_writes_is_not()
    {
        const int nobody = 1 << 30; // beyond any pid
        string[] kept = [$".exit.{Environment.ProcessId}.4", ".exit", ".exit.4.x", "exit"];
        foreach (string name in (string[])[$".exit.{nobody}.4", $".a.b.{nobody}.17", .. kept])
        {
            File.WriteAllText(_folder[name], "");
        }

        DurableFile.RemoveAbandoned(_folder.Path);
        Assert.Equal(kept.Order(), Directory.EnumerateFiles(_folder.Path).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public async Task A_reader_sees_one_whole_content_or_the_other()
    {
        byte[] first = new byte[100_000], second = new byte[50_000];
        Array.Fill(second, (byte)1);
        DurableFile.Write(_folder.Path, "f", first);
        using CancellationTokenSource stop = new();
        Task writer = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                DurableFile.Write(_folder.Path, "f", i % 2 == 0 ? second : first);
            }
        });
        for (int i = 0; i < 200; i++)
        {
            byte[] seen = File.ReadAllBytes(_folder["f"]);
            Assert.Equal(seen.Length, seen[0] == 0 ? first.Length : second.Length);
        }

        await stop.CancelAsync();
        await writer;
    }

    [Fact]
    public void Memory_once_sealed_takes_no_byte()
    {
        using FileDescriptor memory = Sys.SealedMemory("quilt-test", "abc"u8);
        Assert.Equal(3UL, Sys.Status(memory).SizeBytes);
        Assert.Equal(Errno.EPERM, Assert.Throws<SyscallException>(() => Sys.WriteAll(memory, "x"u8, "sealed")).Errno);
    }

    [Fact]
    public void A_lock_is_held_by_one_and_ends_with_it()
    {
        string path = _folder["lock"];
        using (FileLock? first = FileLock.TryTake(path))
        {
            Assert.NotNull(first);
            Assert.Null(FileLock.TryTake(path));
        }

        using FileLock? second = FileLock.TryTake(path);
        Assert.NotNull(second);
    }

    [Fact]
    public void A_folders_lock_is_one_persons_though_its_holders_remove_the_folder()
    {
        int inside = 0, most = 0, times = 0;
        string folder = _folder["claims"];
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, _ =>
        {
            for (int i = 0; i < 500; i++)
            {
                using FileLock taken = FileLock.TakeFolder(folder);
                int now = Interlocked.Increment(ref inside);
                most = Math.Max(most, now);
                times++; // by one at a time, or some are lost
                Interlocked.Decrement(ref inside);
                Directory.Delete(folder);
            }
        });
        Assert.Equal((1, 4000), (most, times));
    }
}
