using System.Security.Cryptography;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>Ways out of containers that others have had to close, each tried on ours.</summary>
public sealed class KnownBreakoutTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private static readonly int[] Descriptors = [.. Enumerable.Range(3, 14)];

    /// <summary>CVE-2019-5736.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_runtimes_own_program_cannot_be_overwritten_through_proc_self_exe(bool userNamespace)
    {
        // A copy: should the attack work, it hits nothing else.
        string program = Path.Combine(Runtime.Folder, $"copy-{userNamespace}");
        File.Copy(OciRuntimeFixture.Runtime, program);
        byte[] before = SHA256.HashData(File.ReadAllBytes(program));
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"], s => userNamespace ? s : WithoutUserNamespace(s) with { Linux = WithoutUserNamespace(s).Linux! with { Seccomp = null } });
        string evil = Path.Combine(OciRuntimeFixture.ImageFolder(bundle, "tmp"), "evil");
        File.WriteAllText(evil, "#!/proc/self/exe\n");
        File.SetUnixFileMode(evil, (UnixFileMode)0x1ED);
        using RunningContainer container = new(Runtime, id, bundle);
        Dictionary<string, string> results = [];

        // It is a race, which on a busy machine the attacker loses for a while.
        for (int round = 0; round < 20 && !results.ContainsKey("holds"); round++)
        {
            using BackgroundProcess watcher = container.Background("hostile", "overwrite");
            Assert.Equal("watching", watcher.FirstLine);
            for (int i = 0; i < 40; i++)
            {
                OciRuntimeFixture.Run(program, ["--root", Runtime.Root, "exec", id, "/tmp/evil"]);
            }

            results = HostileProgram.Results(watcher.Finish());
        }

        Assert.True(results.ContainsKey("holds"), "the attacker was never quick enough to hold the program");
        if (userNamespace)
        {
            Assert.Equal("EACCES", results["open"]);
        }
        else
        {
            Assert.StartsWith("/memfd:quilt", results["holds"]);
            Assert.Equal(("EPERM", "EPERM"), (results.GetValueOrDefault("write", "EPERM"), results.GetValueOrDefault("truncate", "EPERM")));
        }

        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(program)));
    }

    /// <summary>CVE-2024-21626: a working directory, or a command, through a descriptor of the host's that is still open: ours, or one that the caller left.</summary>
    [Fact]
    public void No_descriptor_leads_out_of_a_new_container()
    {
        Assert.Equal(0, Launch("/", "true").ExitCode);
        foreach (int fd in Descriptors)
        {
            Assert.NotEqual(0, Launch($"/proc/self/fd/{fd}", "true").ExitCode);
            foreach (string path in (string[])[".", "..", "../..", "../../.."])
            {
                Assert.NotEqual(0, Launch("/", $"/proc/self/fd/{fd}/{path}/bin/true").ExitCode);
            }
        }

        (int ExitCode, string Output) Launch(string cwd, string command)
        {
            (string id, string bundle) = Runtime.Bundle([command], s => s with { Process = s.Process! with { Cwd = cwd } });
            return Careless("run", "--bundle", bundle, id);
        }
    }

    /// <summary>CVE-2024-21626.</summary>
    [Fact]
    public void No_descriptor_leads_out_of_an_exec()
    {
        using RunningContainer container = Runtime.Start();
        Assert.Equal(0, Careless("exec", "--cwd", "/tmp", container.Id, "true").ExitCode);
        foreach (int fd in Descriptors)
        {
            Assert.NotEqual(0, Careless("exec", "--cwd", $"/proc/self/fd/{fd}", container.Id, "true").ExitCode);
            Assert.NotEqual(0, Careless("exec", container.Id, $"/proc/self/fd/{fd}/bin/true").ExitCode);
            container.Exec("ln", "-sfn", $"/proc/self/fd/{fd}/../..", "/tmp/out");
            Assert.NotEqual(0, Careless("exec", container.Id, "/tmp/out/bin/true").ExitCode);
            Assert.NotEqual(0, Careless("exec", "--cwd", "/tmp/out", container.Id, "true").ExitCode);
        }
    }

    /// <summary>By a caller that has the host's root open as each of <see cref="Descriptors"/>, and passes them on.</summary>
    private (int ExitCode, string Output) Careless(params string[] args) => OciRuntimeFixture.Run(
        "bash", ["-c", string.Concat(Descriptors.Select(fd => $"exec {fd}</; ")) + "exec \"$@\"", "bash", OciRuntimeFixture.Runtime, "--root", Runtime.Root, .. args]);

    [Fact]
    public void Descriptors_that_the_caller_promised_and_did_not_pass_are_not_replaced_by_ours()
    {
        (string id, string bundle) = Runtime.Bundle(["hostile", "descriptors"]);
        (int code, string output) = Runtime.Oci("run", "--preserve-fds", "40", "--bundle", bundle, id);
        Assert.Equal(0, code);
        Assert.Equal(Numbers(OciRuntimeFixture.Run(Runtime.Hostile, ["descriptors"]).Output).Where(fd => fd < 43), Numbers(output));

        static IEnumerable<int> Numbers(string lines) => lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => int.Parse(l.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>CVE-2021-30465: a mount's place is exchanged for a link while the container is assembled.</summary>
    [Fact]
    public void A_mount_whose_place_is_exchanged_for_a_link_meanwhile_stays_inside()
    {
        string volume = Path.Combine(Runtime.Folder, "volume"), victim = Path.Combine(Runtime.Folder, "victim");
        Directory.CreateDirectory(Path.Combine(volume, "a/in"));
        Directory.CreateDirectory(Path.Combine(victim, "in"));
        File.CreateSymbolicLink(Path.Combine(volume, "b"), "/../../../../../../../.." + victim);
        using BackgroundProcess racer = new(Runtime.Hostile, ["exchange", Path.Combine(volume, "a"), Path.Combine(volume, "b")]);
        Assert.Equal("begun", racer.FirstLine);
        int launched = 0;
        for (int i = 0; i < 30; i++)
        {
            (int code, string output) = Runtime.RunContainer("cut -d' ' -f5 /proc/self/mountinfo; [ ! -e /victim ] && ls /bin/busybox", s => s with
            {
                Mounts =
                [
                    .. s.Mounts,
                    new OciMount("/vol") { Type = "bind", Source = volume, Options = ["rbind"] },
                    new OciMount("/vol/a/in") { Type = "tmpfs", Source = "tmpfs" },
                    new OciMount("/vol/a/in/x/y") { Type = "bind", Source = victim, Options = ["bind", "ro"] },
                ],
            });
            launched += code == 0 ? 1 : 0;
            Assert.True(code == 0 ? output.EndsWith("/bin/busybox\n", StringComparison.Ordinal) : output.StartsWith("quilt-oci: ", StringComparison.Ordinal), output);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(victim, "in")));
        Assert.True(launched > 0, "the race let no container begin");
    }

    /// <summary>CVE-2026-41579, CVE-2026-47766: an image whose /dev, /proc or /sys leads elsewhere.</summary>
    [Theory]
    [InlineData("dev", "/tmp")]
    [InlineData("dev", "../../../../../../tmp")]
    [InlineData("dev", "/proc/self/root")]
    [InlineData("proc", "/tmp")]
    [InlineData("sys", "/etc")]
    public void An_image_whose_kernel_folders_are_links_is_refused(string folder, string target)
    {
        (string id, string bundle) = Runtime.Bundle(["true"]);
        OciRuntimeFixture.ImageLink(bundle, folder, target);
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("ELOOP", output, StringComparison.Ordinal);
    }

    /// <summary>CVE-2026-41579, CVE-2026-47766: nodes made in the image's own /dev, which is a link, stay inside.</summary>
    [Theory]
    [InlineData("/tmp")]
    [InlineData("/../../../../../../tmp")]
    public void Devices_in_an_images_own_dev_are_made_inside_the_root(string target)
    {
        (string id, string bundle) = Runtime.Bundle(["ls", "/tmp"], s => s with
        {
            Mounts = [.. s.Mounts.Where(m => !m.Destination.StartsWith("/dev", StringComparison.Ordinal))],
            Linux = s.Linux! with { MaskedPaths = [] },
        });
        OciRuntimeFixture.ImageLink(bundle, "dev", target);
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(0, code);
        Assert.Contains("null", output, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/null"));
    }

    /// <summary>CVE-2025-31133: what covers a masked file is the null device itself, not what has its name.</summary>
    [Theory]
    [InlineData("/etc/script")]
    [InlineData("/proc/self/mem")]
    public void A_null_device_that_is_a_link_masks_nothing_and_the_launch_fails(string target)
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with { Mounts = [.. s.Mounts.Where(m => !m.Destination.StartsWith("/dev", StringComparison.Ordinal))] });
        File.CreateSymbolicLink(Path.Combine(OciRuntimeFixture.ImageFolder(bundle, "dev"), "null"), target);
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("ELOOP", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_of_the_images_under_a_default_devices_name_is_not_taken_for_it()
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => WithoutUserNamespace(s) with { Mounts = [.. s.Mounts.Where(m => !m.Destination.StartsWith("/dev", StringComparison.Ordinal))] });
        Assert.Equal(0, OciRuntimeFixture.Run("mknod", [Path.Combine(OciRuntimeFixture.ImageFolder(bundle, "dev"), "null"), "c", "1", "1"]).ExitCode);
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("EEXIST", output, StringComparison.Ordinal);
    }

    /// <summary>CVE-2025-52881: a setting of the kernel's written through a mount that somebody put in its place.</summary>
    [Fact]
    public void A_sysctl_is_written_to_procfs_itself_or_not_at_all()
    {
        static OciSpec Sysctl(OciSpec s) => s with { Linux = s.Linux! with { Sysctl = new Dictionary<string, string> { ["kernel.shm_rmid_forced"] = "1" } } };
        Assert.Equal((0, "1\n"), Runtime.RunContainer(["cat", "/proc/sys/kernel/shm_rmid_forced"], Sysctl));
        (int code, string output) = Runtime.RunContainer(["true"], s => Sysctl(s) with
        {
            Mounts = [.. s.Mounts, new OciMount("/proc/sys/kernel/shm_rmid_forced") { Type = "bind", Source = "/proc/sys/kernel/panic", Options = ["bind"] }],
        });
        Assert.Equal(1, code);
        Assert.Contains("EXDEV", output, StringComparison.Ordinal);
    }

    /// <summary>CVE-2019-16884, CVE-2023-28642: a volume that a link in the image leads over the kernel's files.</summary>
    [Theory]
    [InlineData("/proc")]
    [InlineData("/proc/self/attr")]
    [InlineData("/sys/kernel")]
    public void A_volume_is_not_led_over_proc_or_sys_by_a_link(string target)
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with { Mounts = [.. s.Mounts, new OciMount("/data") { Type = "bind", Source = Runtime.Layer, Options = ["bind"] }] });
        OciRuntimeFixture.ImageLink(bundle, "data", target);
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("ELOOP", output, StringComparison.Ordinal);
    }

    /// <summary>CVE-2022-27650: inheritable capabilities on exec, from which a file's capabilities would make permitted ones.</summary>
    [Fact]
    public void An_exec_has_the_containers_capabilities_and_none_that_are_inheritable()
    {
        using RunningContainer container = Runtime.Start();
        string own = Mask(StandardCapabilities.All), more = Mask([.. StandardCapabilities.All, "CAP_NET_ADMIN"]), none = Mask([]);
        Assert.Equal([none, own, own, own, none], Sets(container.Exec("grep", "^Cap", "/proc/self/status").Output));
        Assert.Equal([none, more, more, more, none], Sets(Runtime.Oci("exec", "--cap", "CAP_NET_ADMIN", container.Id, "grep", "^Cap", "/proc/self/status").Output));
        Assert.Equal([none, none, none, own, none], Sets(Runtime.Oci("exec", "--user", "1000:1000", container.Id, "grep", "^Cap", "/proc/self/status").Output));
    }

    /// <summary>CVE-2026-30892: a user is two numbers or nothing.</summary>
    [Theory]
    [InlineData("root")]
    [InlineData("")]
    [InlineData(" 0")]
    [InlineData("0x0")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("1000:")]
    [InlineData(":0")]
    [InlineData("1:2:3")]
    [InlineData("1000;0")]
    [InlineData("4294967295")]
    [InlineData("4294967296")]
    [InlineData("١")]
    public void A_user_that_is_not_numbers_is_refused(string user)
    {
        using RunningContainer container = Runtime.Start();
        (int code, string output) = Runtime.Oci("exec", $"--user={user}", container.Id, "id");
        Assert.Equal(1, code);
        Assert.DoesNotContain("uid=", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("a/../../evil")]
    [InlineData("/..")]
    [InlineData(".")]
    [InlineData("a\nb")]
    [InlineData("a\0/../b")]
    public void A_cgroup_path_never_leaves_the_hierarchy(string path)
    {
        (int code, string output) = Runtime.RunContainer(["true"], s => s with { Linux = s.Linux! with { CgroupsPath = path } });
        Assert.Equal(1, code);
        Assert.Contains("cgroup", output, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Podman copies an image's annotations into the configuration.</summary>
    [Fact]
    public void Annotations_name_neither_the_root_nor_the_filter()
    {
        string filter = Path.Combine(Runtime.Folder, "allow-all");
        File.WriteAllBytes(filter, [0x06, 0, 0, 0, 0, 0, 0xff, 0x7f]); // return SECCOMP_RET_ALLOW
        (int code, string output) = Runtime.RunContainer("ls -d /usr/bin; cat /proc/1/comm; unshare -U true", s => new[]
        {
            (QuiltAnnotations.Lower, "/"), (QuiltAnnotations.SeccompProgram, filter), (QuiltAnnotations.Init, "true"),
        }.Aggregate(s, (spec, wish) => OciRuntimeFixture.WithAnnotation(spec, wish.Item1, wish.Item2)));
        Assert.NotEqual(0, code);
        Assert.Contains("ls: /usr/bin: No such file or directory\nsh\n", output, StringComparison.Ordinal);
        Assert.Contains("Operation not permitted", output, StringComparison.Ordinal);
    }

    /// <summary>A set-id program gains nothing: no_new_privs.</summary>
    [Fact]
    public void A_set_uid_program_inside_stays_who_it_was()
    {
        using RunningContainer container = Runtime.Start();
        Assert.Equal(0, container.Exec("sh", "-c", "cp /bin/hostile /tmp/su && chmod 6755 /tmp/su").ExitCode);
        string output = Runtime.Oci("exec", "--user", "1000:1000", container.Id, "/tmp/su", "identity").Output;
        Assert.Contains("uids 1000 1000 1000\ngids 1000 1000 1000\n", output, StringComparison.Ordinal);
    }

    internal static OciSpec WithoutUserNamespace(OciSpec spec) => spec with
    {
        Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces.Where(n => n.Type != "user")], UidMappings = [], GidMappings = [] },
    };

    private static string Mask(IEnumerable<string> names) => Capabilities.Mask(names).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Inheritable, permitted, effective, bounding, ambient: the kernel's order.</summary>
    private static IEnumerable<string> Sets(string status) => status.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[1]);
}
