using Quilt.Testing;

namespace Quilt.Linux.Tests.Files;

public class FileStatusTests
{
    [Fact]
    public void The_null_device_is_known_by_what_it_is()
    {
        using FileDescriptor nothing = Sys.Open("/dev/null", OpenMode.Path), zeros = Sys.Open("/dev/zero", OpenMode.Path);
        Assert.True(Sys.Status(nothing).IsNullDevice);
        Assert.False(Sys.Status(zeros).IsNullDevice);
        Assert.Equal(new DeviceNumber(1, 5), Sys.Status(zeros).DeviceNumber);
    }

    [Fact]
    public void A_link_opened_without_following_is_a_link()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["link"], "/dev/null");
        using FileDescriptor link = Sys.Open(folder["link"], OpenMode.Path | OpenMode.NoFollow);
        Assert.Equal(FileKind.SymbolicLink, Sys.Status(link).Kind);
        Assert.False(Sys.Status(link).IsNullDevice);
    }

    [Fact]
    public void Size_and_permissions_are_the_files()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["f"], "12345");
        File.SetUnixFileMode(folder["f"], UnixFileMode.UserRead | UnixFileMode.GroupRead);
        using FileDescriptor file = Sys.Open(folder["f"], OpenMode.ReadOnly);
        FileStatus status = Sys.Status(file);
        Assert.Equal((FileKind.Regular, 5UL, 0x120u, 1u), (status.Kind, status.SizeBytes, status.Permissions, status.Links));
    }

    [Fact]
    public void A_file_of_another_file_system_is_not_taken_for_procfs()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["stat"], "");
        using FileDescriptor real = Sys.Open("/proc/self/stat", OpenMode.ReadOnly), fake = Sys.Open(folder["stat"], OpenMode.ReadOnly);
        Sys.VerifyProcfs(real, "stat");
        Assert.Equal(Errno.EXDEV, Assert.Throws<SyscallException>(() => Sys.VerifyProcfs(fake, "stat")).Errno);
    }
}
