using System.Runtime.InteropServices;
using System.Text;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>Files that a command writes for its caller.</summary>
public sealed class OutputFileTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite, ForAll = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_file_is_its_callers_alone()
    {
        await Write(_folder["new"]);
        Assert.Equal(("content", Private), (File.ReadAllText(_folder["new"]), File.GetUnixFileMode(_folder["new"])));
        Assert.Equal(["new"], Names());
    }

    [Theory]
    [InlineData(Private)]
    [InlineData(ForAll)]
    public async Task One_that_is_replaced_keeps_its_owner_and_mode(UnixFileMode mode)
    {
        File.WriteAllText(_folder["old"], "a longer content of before");
        File.SetUnixFileMode(_folder["old"], mode);
        Sys.Chown(_folder["old"], 1234, 1235);
        await Write(_folder["old"]);
        FileStatus status = Sys.TryStatus(_folder["old"])!.Value;
        Assert.Equal(("content", (uint)mode, 1234u, 1235u), (File.ReadAllText(_folder["old"]), status.Permissions, status.Uid, status.Gid));
        Assert.Equal(["old"], Names());
    }

    [Fact]
    public async Task Of_one_that_fails_nothing_is_there_and_the_old_one_is_as_it_was()
    {
        File.WriteAllText(_folder["old"], "before");
        foreach (string name in (string[])["old", "new"])
        {
            await Assert.ThrowsAsync<TimeoutException>(() => OutputFile.WriteAsync(_folder[name], "--output", async to =>
            {
                await to.WriteAsync(new byte[1 << 20]);
                throw new TimeoutException();
            }));
        }

        Assert.Equal("before", File.ReadAllText(_folder["old"]));
        Assert.Equal(["old"], Names());
    }

    [Fact]
    public async Task What_is_called_as_a_part_of_it_is_somebody_elses()
    {
        File.WriteAllText(_folder["file.part"], "mine");
        await Write(_folder["file"]);
        Assert.Equal("mine", File.ReadAllText(_folder["file.part"]));
    }

    [Fact]
    public async Task A_link_stays_one_and_what_it_leads_to_is_written()
    {
        Directory.CreateDirectory(_folder["far"]);
        File.CreateSymbolicLink(_folder["link"], "far/file"); // which is not there yet
        await Write(_folder["link"]);
        Assert.Equal(("far/file", "content"), (new FileInfo(_folder["link"]).LinkTarget, File.ReadAllText(_folder["far/file"])));
        await Write(_folder["link"]);
        Assert.Equal(["file"], Directory.GetFileSystemEntries(_folder["far"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_pipe_is_written_into()
    {
        await Run("mkfifo", _folder["pipe"]);
        Task<string> read = Run("cat", _folder["pipe"]);
        await Write(_folder["pipe"]);
        Assert.Equal("content", await read);
        Assert.Equal(FileKind.Fifo, Sys.TryStatus(_folder["pipe"])!.Value.Kind);
        Assert.Equal(["pipe"], Names());
    }

    [Fact]
    public async Task A_device_is_written_into()
    {
        await Run("mknod", _folder["null"], "c", "1", "3");
        await Write(_folder["null"]);
        Assert.True(Sys.TryStatus(_folder["null"])!.Value.IsNullDevice);
        await Run("mknod", _folder["full"], "c", "1", "7");
        QuiltException full = await Assert.ThrowsAsync<QuiltException>(() => Write(_folder["full"]));
        Assert.Equal((ErrorCode.InvalidArgument, "--output"), (full.Code, full.Field));
        Assert.Equal(FileKind.CharacterDevice, Sys.TryStatus(_folder["full"])!.Value.Kind);
    }

    [Fact]
    public async Task What_is_open_already_is_gone_on_with()
    {
        using FileDescriptor open = Sys.Open(_folder["log"], OpenMode.WriteOnly | OpenMode.Create, 0x180);
        Sys.Write(open, "before "u8, "log");
        await Write($"/dev/fd/{open.Number}");
        await Write($"/proc/self/fd/{open.Number}");
        Assert.Equal("before contentcontent", File.ReadAllText(_folder["log"]));
    }

    [Fact]
    public async Task Nothing_is_left_of_one_that_a_signal_ends()
    {
        // All who hear of it are told, and the default is what one of them has prevented.
        using PosixSignalRegistration survive = PosixSignalRegistration.Create(PosixSignal.SIGHUP, c => c.Cancel = true);
        await Assert.ThrowsAsync<TimeoutException>(() => OutputFile.WriteAsync(_folder["new"], "--output", async to =>
        {
            await to.WriteAsync(new byte[1 << 20]);
            Assert.Single(Names());
            Sys.Kill(Environment.ProcessId, 1);
            await Deadline.Until(() => Names().Length == 0);
            throw new TimeoutException();
        }));
    }

    [Fact]
    public async Task What_is_no_file_and_what_cannot_be_written_is_told()
    {
        foreach (string path in (string[])["", _folder.Path, _folder["none/file"], "/proc/version"])
        {
            QuiltException refused = await Assert.ThrowsAsync<QuiltException>(() => Write(path));
            Assert.Equal((ErrorCode.InvalidArgument, "--output"), (refused.Code, refused.Field));
            Assert.Contains($"--output '{path}' ", refused.Message, StringComparison.Ordinal);
            Assert.NotNull(refused.Remedy);
        }
    }

    private string[] Names() => [.. Directory.GetFileSystemEntries(_folder.Path).Select(f => Path.GetFileName(f)!)];

    private static Task Write(string path) => OutputFile.WriteAsync(path, "--output", to => to.WriteAsync(Encoding.ASCII.GetBytes("content")).AsTask());

    private static async Task<string> Run(string program, params string[] words)
    {
        ProgramRun run = await ProgramRun.OfAsync(program, words);
        Assert.True(run.ExitCode == 0, run.ToString());
        return run.Said;
    }
}
