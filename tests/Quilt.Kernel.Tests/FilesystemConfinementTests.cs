using Quilt.Linux;
using Quilt.Oci;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>security.md, lines 2, 5 and 6: /proc, /sys, /dev, the cgroup folders and the root, tried from inside.</summary>
public sealed class FilesystemConfinementTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    // Not the product's own lists: what runc's users give it (moby's oci.DefaultSpec, containerd's populateDefaultUnixSpec).
    private static readonly string[] Masked =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
        "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    private static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
    private static readonly OciMount Cgroup = new("/sys/fs/cgroup") { Type = "cgroup", Source = "cgroup", Options = ["nosuid", "noexec", "nodev", "ro"] };

    [Fact]
    public void What_is_masked_is_empty_and_stays_so()
    {
        string script = $$"""
            for p in {{string.Join(' ', Masked)}}; do
              [ -e $p ] || continue
              umount $p 2> /dev/null && echo unmounted $p
              umount -l $p 2> /dev/null && echo detached $p
              mount -o remount,rw $p 2> /dev/null && echo remounted $p
              mount --bind /tmp $p 2> /dev/null && echo covered $p
              mv $p /tmp/ 2> /dev/null && echo moved $p
              if [ -d $p ]; then
                [ -z "$(ls -A $p)" ] || echo listed $p
                (echo > $p/x) 2> /dev/null && echo written $p
              else
                [ -z "$(head -c 1 $p)" ] || echo read $p
              fi
              count=$((count+1))
            done
            echo tried $count
            """;
        Assert.Equal((0, $"tried {Masked.Count(Path.Exists)}\n"), Runtime.RunContainer(script)); // as many as this kernel has
    }

    [Fact]
    public void No_file_of_the_kernels_settings_can_be_opened_for_writing()
    {
        string script = $$"""
            find {{string.Join(' ', ReadOnly)}} -type f 2> /dev/null > /tmp/files
            while read f; do (: >> $f) 2> /dev/null && echo opened $f; done < /tmp/files
            for p in {{string.Join(' ', ReadOnly)}} /sys /; do
              mount -o remount,rw $p 2> /dev/null && echo remounted $p
              mount -o remount,rw,bind $p 2> /dev/null && echo remounted $p
            done
            [ $(wc -l < /tmp/files) -gt 200 ] && echo tried
            """;
        Assert.Equal((0, "tried\n"), Runtime.RunContainer(script));
    }

    [Fact]
    public void Sys_is_read_only()
    {
        const string script = """
            find /sys -type f -perm /222 2> /dev/null | head -n 300 > /tmp/files
            while read f; do (: >> $f) 2> /dev/null && echo opened $f; done < /tmp/files
            mkdir /sys/x 2> /dev/null && echo made
            [ $(wc -l < /tmp/files) -gt 20 ] && echo tried
            """;
        Assert.Equal((0, "tried\n"), Runtime.RunContainer(script));
    }

    /// <summary>CVE-2022-0492, and a group of one's own to escape the limits.</summary>
    [Fact]
    public void Cgroups_are_read_only_and_begin_at_the_containers_own()
    {
        const string script = """
            find /sys/fs/cgroup -type f > /tmp/files
            while read f; do (: >> $f) 2> /dev/null && echo opened $f; done < /tmp/files
            for d in /sys/fs/cgroup $(find /sys/fs/cgroup -type d); do
              mkdir $d/sub 2> /dev/null && echo made $d/sub
              rmdir $d 2> /dev/null && echo removed $d
              mount -o remount,rw $d 2> /dev/null && echo remounted $d
            done
            find /sys/fs/cgroup -name release_agent -exec sh -c 'echo /evil > {}' \; 2>&1 | grep -v Read-only
            grep -c . $(find /sys/fs/cgroup -name cgroup.procs | head -n 1) | grep -q '^[1-9]$' || echo not our own
            [ $(wc -l < /tmp/files) -gt 20 ] && echo tried
            """;
        Assert.Equal((0, "tried\n"), Runtime.RunContainer(script, s => s with { Mounts = [.. s.Mounts, Cgroup] }));
    }

    [Fact]
    public void Dev_holds_the_allowed_devices_and_nothing_else()
    {
        (int code, string output) = Runtime.RunContainer("cd /dev; stat -c '%F %t:%T %n' *; ls -A pts shm mqueue");
        Assert.Equal(0, code);
        Assert.Equal(
            [
                "character special file 1:3 null", "character special file 1:5 zero", "character special file 1:7 full", "character special file 1:8 random",
                "character special file 1:9 urandom", "character special file 5:0 tty", "directory 0:0 mqueue", "directory 0:0 pts", "directory 0:0 shm",
                "mqueue:", "ptmx", "pts:", "shm:",
                "symbolic link 0:0 fd", "symbolic link 0:0 ptmx", "symbolic link 0:0 stderr", "symbolic link 0:0 stdin", "symbolic link 0:0 stdout",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("b 8 0")]
    [InlineData("b 254 0")]
    [InlineData("c 1 1")]
    [InlineData("c 1 4")]
    [InlineData("c 10 200")]
    [InlineData("c 10 229")]
    [InlineData("c 10 232")]
    [InlineData("c 5 1")]
    public void No_device_can_be_made(string device)
    {
        (int code, string output) = Runtime.RunContainer($"mknod /tmp/x {device} || mknod /dev/x {device} || mknod /dev/shm/x {device}");
        Assert.NotEqual(0, code);
        Assert.Equal(3, output.Split('\n').Count(l => l.Contains("not permitted", StringComparison.Ordinal)));
    }

    /// <summary>Where the container's root could make nodes (no user namespace, CAP_MKNOD), the devices filter answers.</summary>
    [Theory]
    [InlineData("b 254 0")]
    [InlineData("c 1 1")]
    [InlineData("c 10 200")]
    [InlineData("c 10 229")]
    public void Without_a_user_namespace_a_device_that_is_not_allowed_cannot_be_opened(string device)
    {
        (int code, string output) = Runtime.RunContainer($"mknod /tmp/x {device} && cat /tmp/x", s => WithoutUserNamespace(s, "CAP_MKNOD") with
        {
            Linux = WithoutUserNamespace(s).Linux! with { Resources = new OciResources(), Seccomp = null },
        });
        Assert.NotEqual(0, code);
        Assert.Contains("not permitted", output, StringComparison.Ordinal);
    }

    [Fact]
    public void No_mount_is_shared_with_the_host_or_a_slave_of_its()
    {
        (_, string output) = Runtime.RunContainer("cat /proc/self/mountinfo");
        MountInfoEntry[] mounts = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => MountInfoEntry.TryParse(l)!)];
        Assert.True(mounts.Length > 12);
        Assert.All(mounts, m => Assert.Empty(m.Fields));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void On_a_host_whose_mounts_are_shared_what_either_side_mounts_the_other_does_not_see(bool hostRoot)
    {
        (string id, string bundle) = Runtime.Bundle(["cat", "/proc/self/mountinfo"], s => s with
        {
            Mounts = [.. s.Mounts, new OciMount("/volume") { Type = "bind", Source = Runtime.Layer, Options = ["rbind"] }],
            Root = hostRoot ? new OciRoot(Runtime.Layer) : s.Root,
            Linux = hostRoot ? s.Linux! with { Namespaces = [.. s.Linux.Namespaces.Where(n => n.Type != "user")], UidMappings = [], GidMappings = [] } : s.Linux,
        });
        Directory.CreateDirectory(Path.Combine(Runtime.Layer, "volume"));
        (int code, string output) = OciRuntimeFixture.Run("unshare", ["-m", "--propagation", "shared", OciRuntimeFixture.Runtime, "--root", Runtime.Root, "run", "--bundle", bundle, id]);
        Assert.Equal(0, code);
        Assert.DoesNotContain("shared:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("master:", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mount_but_the_root_and_dev_refuses_devices_set_uid_files_and_where_it_can_programs()
    {
        (_, string output) = Runtime.RunContainer("cut -d' ' -f5,6 /proc/self/mountinfo");
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(' '), options = parts[1].Split(',');
            if (parts[0] is "/" or "/dev" or "/dev/pts" || options.Length == 0)
            {
                continue;
            }

            // The cover of a masked file is the container's /dev/null, on /dev.
            Assert.True(options.Contains("nosuid"), line);
            Assert.True(options.Contains("noexec") || parts[0].StartsWith("/proc/", StringComparison.Ordinal), line);
        }
    }

    [Fact]
    public void A_container_cannot_see_the_hosts_processes()
    {
        (int code, string output) = Runtime.RunContainer($"ls -d /proc/[0-9]* | wc -l; [ -e /proc/{Environment.ProcessId}/exe ]; kill -0 {Environment.ProcessId}");
        Assert.NotEqual(0, code);
        Assert.Matches(@"^[1-4]\n", output);
    }

    private static OciSpec WithoutUserNamespace(OciSpec spec, params string[] more)
    {
        string[] capabilities = [.. StandardCapabilities.All, .. more];
        return spec with
        {
            Process = spec.Process! with { Capabilities = new OciCapabilities { Bounding = capabilities, Permitted = capabilities, Effective = capabilities } },
            Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces.Where(n => n.Type != "user")], UidMappings = [], GidMappings = [] },
        };
    }
}
