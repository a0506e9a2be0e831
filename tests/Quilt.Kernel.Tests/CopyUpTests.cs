using Quilt.Linux;
using Quilt.Oci;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>The option <c>tmpcopyup</c> of a tmpfs: it begins with what the image has at its place.</summary>
public sealed class CopyUpTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private static readonly Func<OciSpec, OciSpec> Covered = s => s with
    {
        Mounts = [.. s.Mounts, new OciMount("/data") { Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "nodev", "tmpcopyup"] }],
    };

    [Fact]
    public void A_tmpfs_begins_with_the_images_files_folders_and_links_with_their_owners_and_permissions()
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "cd /data; grep -c ' /data tmpfs' /proc/self/mounts; stat -c '%n %F %u:%g %a' . file sub sub/deep link pipe; cat sub/deep; readlink link; wc -c < big; echo new > file"], Covered);
        string data = OciRuntimeFixture.ImageFolder(bundle, "data");
        Make(data, $"""
            echo kept > file; chown {Inside(5)}:{Inside(6)} file; chmod 4751 file
            mkdir sub; echo deep > sub/deep; chown {Inside(7)}:{Inside(8)} sub; chmod 1770 sub; chown {Inside(0)}:{Inside(0)} sub/deep; chmod 600 sub/deep
            ln -s /etc/shadow link; chown -h {Inside(9)}:{Inside(9)} link; mkfifo pipe; chmod 622 pipe; chown {Inside(0)}:{Inside(0)} pipe
            head -c 3000000 /dev/zero > big; chown {Inside(0)}:{Inside(0)} big; chmod 755 .
            """);
        const string expected = """
            1
            . directory 0:0 755
            file regular file 5:6 4751
            sub directory 7:8 1770
            sub/deep regular file 0:0 600
            link symbolic link 9:9 777
            pipe fifo 0:0 622
            deep
            /etc/shadow
            3000000

            """;
        Assert.Equal((0, expected), Runtime.Oci("run", "--bundle", bundle, id));
        Assert.Equal("kept\n", File.ReadAllText(Path.Combine(data, "file")));
    }

    [Fact]
    public void Extended_attributes_arrive_where_a_tmpfs_takes_them()
    {
        Assert.SkipWhen(KernelVersion.OfHost() < new KernelVersion(6, 6, 0), "tmpfs has attributes of users since Linux 6.6");
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"], Covered);
        string data = OciRuntimeFixture.ImageFolder(bundle, "data");
        Make(data, "echo > file; mkdir folder");
        foreach (string name in (string[])["file", "folder"])
        {
            using FileDescriptor file = Sys.Open(Path.Combine(data, name), OpenMode.ReadOnly);
            Sys.SetAttribute(file, "user.quilt", "kept"u8);
        }

        using RunningContainer container = new(Runtime, id, bundle);
        foreach (string name in (string[])["file", "folder"])
        {
            using FileDescriptor file = Sys.Open($"/proc/{container.Pid}/root/data/{name}", OpenMode.ReadOnly);
            Assert.Equal("kept"u8.ToArray(), Sys.TryGetAttribute(file, "user.quilt", 16));
        }
    }

    [Fact]
    public void More_entries_than_one_reading_of_a_folder_takes_all_arrive()
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "ls -A /data | wc -l"], Covered);
        Make(OciRuntimeFixture.ImageFolder(bundle, "data"), "for i in $(seq 500); do echo > a-rather-long-name-for-a-file-$i; done; echo > .hidden");
        Assert.Equal((0, "501\n"), Runtime.Oci("run", "--bundle", bundle, id));
    }

    /// <summary>A process that has joined a namespace works on a stack that the launcher made for it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Folders_deep_within_each_other_arrive(bool joining)
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "find /data -type d | wc -l"], s => Covered(s) with
        {
            Hostname = joining ? null : s.Hostname,
            Linux = s.Linux! with
            {
                Namespaces = [.. s.Linux!.Namespaces.Select(n => joining && n.Type == "uts" ? n with { Path = $"/proc/{Environment.ProcessId}/ns/uts" } : n)],
            },
        });
        Make(OciRuntimeFixture.ImageFolder(bundle, "data"), "for i in $(seq 190); do mkdir d; cd d; done");
        Assert.Equal((0, "191\n"), Runtime.Oci("run", "--bundle", bundle, id));
    }

    [Fact]
    public void A_read_only_tmpfs_is_filled_before_it_is_closed()
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "cat /data/file; touch /data/more"], s => s with
        {
            Mounts = [.. s.Mounts, new OciMount("/data") { Type = "tmpfs", Options = ["ro", "tmpcopyup"] }],
        });
        Make(OciRuntimeFixture.ImageFolder(bundle, "data"), "echo kept > file");
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.NotEqual(0, code);
        Assert.Equal("kept\ntouch: /data/more: Read-only file system\n", output);
    }

    [Fact]
    public void Where_the_image_has_nothing_the_tmpfs_is_empty() =>
        Assert.Equal((0, ""), Runtime.RunContainer("ls -A /data", Covered));

    [Fact]
    public void A_place_that_leads_out_of_the_image_by_a_link_is_looked_up_inside_it()
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "ls -A /data"], Covered);
        Directory.CreateDirectory(Path.Combine(bundle, "secrets"));
        File.WriteAllText(Path.Combine(bundle, "secrets/key"), "");
        OciRuntimeFixture.ImageLink(bundle, "data", "../../../../../../../.." + Path.Combine(bundle, "secrets"));
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.DoesNotContain("key", output, StringComparison.Ordinal);
        Assert.True(code is 0 or 1, output);
    }

    [Fact]
    public void What_does_not_fit_is_an_error_that_names_the_mount()
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with
        {
            Mounts = [.. s.Mounts, new OciMount("/data") { Type = "tmpfs", Options = ["tmpcopyup", "size=64k"] }],
        });
        Make(OciRuntimeFixture.ImageFolder(bundle, "data"), "head -c 300000 /dev/zero > big");
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("mount tmpfs at /data", output, StringComparison.Ordinal);
        Assert.Contains("ENOSPC", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_file_system_does_not_take_the_option()
    {
        (int code, string output) = Runtime.RunContainer(["true"], s => s with { Mounts = [.. s.Mounts, new OciMount("/data") { Type = "mqueue", Options = ["tmpcopyup"] }] });
        Assert.Equal(1, code);
        Assert.Contains("tmpcopyup", output, StringComparison.Ordinal);
    }

    private static uint Inside(uint id) => OciRuntimeFixture.HostIdBase + id;

    private static void Make(string folder, string script) =>
        Assert.Equal((0, ""), OciRuntimeFixture.Run("/bin/sh", ["-c", $"set -e; cd {folder}\n{script}"]));
}
