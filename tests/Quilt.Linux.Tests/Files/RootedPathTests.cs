using Quilt.Testing;

namespace Quilt.Linux.Tests.Files;

public sealed class RootedPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileDescriptor _root;

    public RootedPathTests()
    {
        Directory.CreateDirectory(_folder["root/a/b"]);
        File.WriteAllText(_folder["secret"], "outside");
        File.WriteAllText(_folder["root/secret"], "inside");
        _root = Sys.Open(_folder["root"], OpenMode.Path | OpenMode.Directory);
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("/secret")]
    [InlineData("../secret")]
    [InlineData("../../../../secret")]
    [InlineData("a/../../secret")]
    [InlineData("a/b/../../../../../secret")]
    [InlineData("/.././../secret")]
    public void No_way_of_writing_a_path_leads_outside(string path)
    {
        using FileDescriptor file = RootedPath.Open(_root, path, OpenMode.ReadOnly);
        Assert.Equal("inside", ReadText(file));
    }

    [Theory]
    [InlineData("/secret")]
    [InlineData("../secret")]
    [InlineData("../../../../../../secret")]
    public void No_link_leads_outside(string target)
    {
        File.CreateSymbolicLink(_folder["root/a/link"], target);
        using FileDescriptor file = RootedPath.Open(_root, "a/link", OpenMode.ReadOnly);
        Assert.Equal("inside", ReadText(file));
    }

    [Fact]
    public void A_magic_link_is_refused()
    {
        using FileDescriptor host = Sys.Open("/", OpenMode.Path | OpenMode.Directory);
        using FileDescriptor secret = Sys.Open(_folder["secret"], OpenMode.ReadOnly);
        SyscallException e = Assert.Throws<SyscallException>(() => RootedPath.Open(host, $"/proc/self/fd/{secret.Number}", OpenMode.ReadOnly));
        Assert.Equal(Errno.ELOOP, e.Errno);
    }

    [Fact]
    public void A_failure_names_the_call_the_path_and_the_reason()
    {
        SyscallException e = Assert.Throws<SyscallException>(() => RootedPath.Open(_root, "none", OpenMode.ReadOnly));
        Assert.Equal($"openat2(none): ENOENT ({Errno.ENOENT.Meaning()})", e.Message);
    }

    [Theory]
    [InlineData("one\0two", Errno.EINVAL)]
    [InlineData("secret/x", Errno.ENOTDIR)]
    [InlineData("", Errno.ENOENT)]
    public void A_bad_path_is_an_error_and_not_another_path(string path, Errno expected) =>
        Assert.Equal(expected, Assert.Throws<SyscallException>(() => RootedPath.Open(_root, path, OpenMode.ReadOnly)).Errno);

    [Fact]
    public void A_path_longer_than_the_kernel_takes_is_an_error() =>
        Assert.Equal(Errno.ENAMETOOLONG, Assert.Throws<SyscallException>(() => RootedPath.Open(_root, new string('a', 5000), OpenMode.ReadOnly)).Errno);

    [Theory]
    [InlineData("new/folders/deep")]
    [InlineData("/a/b/c")]
    [InlineData("a/../x/y")]
    [InlineData("../../up")]
    public void Folders_are_made_inside(string path)
    {
        using FileDescriptor made = RootedPath.MakeFolders(_root, path, 0x1ED);
        Assert.Equal(FileKind.Folder, Sys.Status(made).Kind);
        Assert.StartsWith(_folder["root"], File.ResolveLinkTarget($"/proc/self/fd/{made.Number}", false)!.FullName, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["up"]));
    }

    [Fact]
    public void Folders_below_a_link_to_the_hosts_root_are_made_inside()
    {
        File.CreateSymbolicLink(_folder["root/escape"], "/");
        RootedPath.MakeFolders(_root, "escape/made-here", 0x1ED).Dispose();
        Assert.True(Directory.Exists(_folder["root/made-here"]));
        Assert.False(Directory.Exists("/made-here"));
    }

    [Fact]
    public void A_link_to_nothing_is_not_followed_to_make_its_target()
    {
        File.CreateSymbolicLink(_folder["root/dangling"], "../outside");
        Assert.Equal(Errno.ENOENT, Assert.Throws<SyscallException>(() => RootedPath.MakeFolders(_root, "dangling/x", 0x1ED)).Errno);
        Assert.False(Directory.Exists(_folder["outside"]));
        Assert.False(Directory.Exists(_folder["root/outside"]));
    }

    [Fact]
    public async Task Somebody_who_renames_all_the_while_never_gets_us_outside()
    {
        // a/b is moved out of a and back: a walk through a/b/.. that trusted what it saw before would come out above the root.
        Directory.CreateDirectory(_folder["root/elsewhere"]);
        using CancellationTokenSource stop = new();
        Task renamer = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Directory.Move(_folder["root/a/b"], _folder["root/elsewhere/b"]);
                Directory.Move(_folder["root/elsewhere/b"], _folder["root/a/b"]);
            }
        });
        int inside = 0, missing = 0;

        // On a busy machine the other may not come to its turn for a long while.
        for (int i = 0; i < 5000 || (i < 1_000_000 && (inside == 0 || missing == 0)); i++)
        {
            using FileDescriptor? file = RootedPath.TryOpen(_root, "a/b/../../../secret", OpenMode.ReadOnly, 0, out Errno errno);
            if (file is null)
            {
                Assert.Equal(Errno.ENOENT, errno);
                missing++;
            }
            else
            {
                Assert.Equal("inside", ReadText(file));
                inside++;
            }
        }

        await stop.CancelAsync();
        await renamer;
        Assert.True(inside > 0 && missing > 0, $"there was no race: {inside} found, {missing} not");
    }

    private static string ReadText(FileDescriptor file)
    {
        byte[] buffer = new byte[64];
        return System.Text.Encoding.UTF8.GetString(buffer, 0, Sys.Read(file, buffer, "test"));
    }
}
