namespace Quilt.Linux.Tests.Files;

public class SharedDescriptorTests
{
    [Fact]
    public async Task A_pipe_that_was_made_non_blocking_still_takes_and_gives_all()
    {
        (FileDescriptor read, FileDescriptor write) = Sys.Pipe();
        using FileDescriptor readable = Reopened(read, OpenMode.ReadOnly), writable = Reopened(write, OpenMode.WriteOnly);
        byte[] content = new byte[1 << 20];
        new Random(1).NextBytes(content);
        Task<byte[]> reading = Task.Run(() =>
        {
            byte[] buffer = new byte[4096];
            using MemoryStream all = new();
            while (all.Length < content.Length)
            {
                all.Write(buffer.AsSpan(0, Sys.ReadShared(readable, buffer, "pipe")));
            }

            return all.ToArray();
        });
        Sys.WriteShared(writable, content, "pipe");
        Assert.Equal(content, await reading.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Writing_to_a_pipe_that_nobody_reads_is_EPIPE()
    {
        (FileDescriptor read, FileDescriptor write) = Sys.Pipe();
        using FileDescriptor writable = write;
        read.Dispose();
        Assert.Equal(Errno.EPIPE, Assert.Throws<SyscallException>(() => Sys.WriteShared(writable, "x"u8, "pipe")).Errno);
    }

    // Opening a pipe anew gives a description of its own, with flags of its own.
    private static FileDescriptor Reopened(FileDescriptor end, OpenMode mode)
    {
        using FileDescriptor old = end;
        return Sys.Open($"/proc/self/fd/{old.Number}", mode | OpenMode.NonBlocking);
    }
}
