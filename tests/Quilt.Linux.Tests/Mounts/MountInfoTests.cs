using CsCheck;
using Quilt.Testing;

namespace Quilt.Linux.Tests.Mounts;

public class MountInfoTests
{
    [Fact]
    public void A_line_with_two_optional_fields_and_escapes_is_understood()
    {
        MountInfoEntry entry = MountInfoEntry.TryParse(@"36 35 98:0 /mnt1 /a\040b\134c rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue")!;
        Assert.Equal((36, 35, new DeviceNumber(98, 0), "/mnt1", @"/a b\c"), (entry.Id, entry.ParentId, entry.Device, entry.Root, entry.MountPoint));
        Assert.Equal(["master:1", "shared:7"], entry.Fields);
        Assert.Equal(("ext3", "/dev/root", "rw,errors=continue", true), (entry.Type, entry.Source, entry.SuperOptions, entry.IsShared));
    }

    [Fact]
    public void A_mount_point_named_dash_is_no_separator() =>
        Assert.Equal("tmpfs", MountInfoEntry.TryParse("1 2 0:3 / - rw - tmpfs tmpfs rw")!.Type);

    [Fact]
    public void An_empty_source_is_kept() => Assert.Equal("", MountInfoEntry.TryParse("1 2 0:3 / /x rw - tmpfs  rw")!.Source);

    [Theory]
    [InlineData("")]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime")]
    [InlineData("x 35 98:0 / / rw - ext3 a rw")]
    [InlineData("36 35 98 / / rw - ext3 a rw")]
    [InlineData("36 35 :0 / / rw - ext3 a rw")]
    [InlineData("36 35 98:0 / / rw - ext3")]
    public void What_is_no_line_is_null(string line) => Assert.Null(MountInfoEntry.TryParse(line));

    [Fact]
    public void Every_line_of_this_machine_is_understood()
    {
        Assert.Equal(File.ReadLines("/proc/self/mountinfo").Count(), MountInfoEntry.OfThisProcess().Count);
        Assert.Contains(MountInfoEntry.OfThisProcess(), m => m is { MountPoint: "/proc", Type: "proc" });
    }

    [Fact]
    public void No_text_makes_the_parsers_throw() => Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789 -:/\\rw,.\n"], 0, 80]).Sample(text =>
    {
        _ = MountInfoEntry.TryParse(text);
        _ = CgroupHierarchy.Parse([text]);
    });

    [Fact]
    public void What_the_kernel_escapes_comes_back() => Gen.String[Gen.Char[" \t\n\\#abc/0417é"], 0, 20].Sample(text =>
    {
        string escaped = string.Concat(text.Select(c => c is ' ' or '\t' or '\n' or '\\' or '#' ? "\\" + Convert.ToString(c, 8).PadLeft(3, '0') : c.ToString()));
        Assert.Equal(text, MountInfoEntry.Unescape(escaped));
    });

    [Fact]
    public async Task A_mount_is_seen_found_by_the_leak_check_and_goes()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting needs root");
        using TemporaryFolder folder = new();
        await using LeakCheck leaks = new();
        string place = folder["a place"];
        Directory.CreateDirectory(place);
        Sys.Mount("quilt-test", place, "tmpfs", 0, "size=64k");
        try
        {
            Assert.Equal("quilt-test", Assert.Single(MountInfoEntry.OfThisProcess(), m => m.MountPoint == place).Source);
            Assert.Contains(leaks.Left(), l => l.Contains(place, StringComparison.Ordinal));
        }
        finally
        {
            Assert.True(Sys.Unmount(place));
        }

        Assert.False(Sys.Unmount(place));
    }

    [Fact]
    public async Task A_detached_mount_is_attached_at_an_open_folder()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting needs root");
        using TemporaryFolder folder = new();
        await using LeakCheck leaks = new();
        using FileDescriptor context = Sys.FsOpen("tmpfs");
        Sys.FsConfig(context, "size", "64k");
        using FileDescriptor mount = Sys.FsCreateAndMount(context, 0, "tmpfs"), place = Sys.Open(folder.Path, OpenMode.Path | OpenMode.Directory);
        Sys.MoveMount(mount, place);
        try
        {
            Assert.Contains(MountInfoEntry.OfThisProcess(), m => m.MountPoint == folder.Path && m.Type == "tmpfs");
        }
        finally
        {
            Assert.True(Sys.Unmount(folder.Path, lazily: true));
        }
    }
}
