using System.Net.Sockets;
using System.Text.Json;
using Quilt.Linux;
using Quilt.Oci;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>What the runtime spec and the engines that call a runtime ask for beyond confinement and the life of a container.</summary>
public sealed class RuntimeSpecTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    [Fact]
    public void A_process_gets_its_scheduler_and_its_io_priority()
    {
        (int code, string output) = Runtime.RunContainer("cut -d' ' -f19,41 /proc/self/stat; ionice -p $$", s => s with
        {
            Process = s.Process! with { Scheduler = new OciScheduler("SCHED_BATCH") { Nice = 5 }, IoPriority = new OciIoPriority("IOPRIO_CLASS_BE", 6) },
        });
        Assert.Equal((0, "5 3\nbest-effort: prio 6\n"), (code, output));
    }

    [Fact]
    public void A_process_gets_its_personality_with_flags()
    {
        (int code, string output) = Runtime.RunContainer("uname -m; cat /proc/self/personality", s => s with
        {
            Linux = s.Linux! with { Personality = new OciPersonality("LINUX32") { Flags = ["ADDR_NO_RANDOMIZE"] }, Seccomp = null },
        });
        Assert.Equal(0, code);
        Assert.DoesNotContain("x86_64", output, StringComparison.Ordinal);
        Assert.EndsWith("00040008\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exec_runs_on_the_processors_that_it_names()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        Assert.Equal(0, Runtime.Detached("run", "--detach", "--bundle", bundle, id));
        try
        {
            OciProcess process = new() { Args = ["grep", "Cpus_allowed_list", "/proc/self/status"], Cwd = "/", Env = ["PATH=/bin"], ExecCpuAffinity = new OciCpuAffinity { Initial = "0", Final = "0" } };
            string file = Path.Combine(bundle, "process.json");
            File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(process, OciJson.Default.OciProcess));
            Assert.Equal((0, "Cpus_allowed_list:\t0\n"), Runtime.Oci("exec", "--process", file, id));
        }
        finally
        {
            Runtime.Oci("delete", "--force", id);
        }
    }

    [Fact]
    public void A_capability_that_the_kernel_does_not_have_is_left_out_with_a_warning()
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with { Process = s.Process! with { Capabilities = s.Process.Capabilities! with { Bounding = ["CAP_KILL", "CAP_OF_TOMORROW"] } } });
        string log = Path.Combine(bundle, "log");
        Assert.Equal((0, ""), Runtime.Oci("--log", log, "run", "--bundle", bundle, id));
        Assert.Contains("level=warning msg=\"process.capabilities: this kernel has no 'CAP_OF_TOMORROW'", Assert.Single(File.ReadAllLines(log)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_the_kernel_refuses_is_named()
    {
        ulong most = ResourceLimits.MostOpenFiles + 1;
        (int code, string output) = Runtime.RunContainer(["true"], s => s with { Process = s.Process! with { Rlimits = [new OciRlimit("RLIMIT_NOFILE", most, most)] } });
        Assert.Equal(1, code);
        Assert.Contains($"set RLIMIT_NOFILE to {most}, and at most {most}", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_to_change_to_that_hold_null_are_refused_by_name()
    {
        using RunningContainer container = Runtime.Start();
        string file = Path.Combine(container.Bundle, "resources.json");
        File.WriteAllText(file, """{"hugepageLimits":[null]}""");
        (int code, string output) = Runtime.Oci("update", "--resources", file, container.Id);
        Assert.Equal(1, code);
        Assert.Contains("linux.resources.hugepageLimits", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_terminal_is_had_where_dev_is_read_only(bool ownDev)
    {
        const string script = "test -c /dev/console && echo > /dev/console; touch /dev/x 2> /dev/null || echo closed; touch /dev/shm/x && echo open";
        (int code, string output) = Runtime.RunContainer(script, s => s with
        {
            Process = s.Process! with { Terminal = true },
            Root = s.Root! with { Readonly = !ownDev },
            Mounts = [.. s.Mounts.Where(m => ownDev || m.Destination != "/dev").Select(m => m.Destination == "/dev" ? m with { Options = [.. m.Options, "ro"] } : m)],
        });
        Assert.Equal((0, "\r\nclosed\r\nopen\r\n"), (code, output));
    }

    [Fact]
    public void What_is_not_implemented_is_refused_by_name()
    {
        (int code, string output) = Runtime.RunContainer(["true"], s => s with { Linux = s.Linux! with { IntelRdt = new OciIntelRdt { ClosId = "c" } } });
        Assert.Equal(1, code);
        Assert.Contains("linux.intelRdt", output, StringComparison.Ordinal);
    }

    /// <summary>Engines read what create says to its end: whoever still holds that pipe makes them wait until the start.</summary>
    [Fact]
    public async Task A_created_container_with_a_terminal_holds_nothing_of_its_creators()
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with { Process = s.Process! with { Terminal = true } });
        string socket = Path.Combine(bundle, "console.sock");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        listener.Listen();
        Task<(int ExitCode, string Output)> create = Task.Run(() => Runtime.Oci("create", "--bundle", bundle, "--console-socket", socket, id), TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal((0, ""), await create.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        }
        finally
        {
            Runtime.Oci("delete", "--force", id);
        }
    }

    [Fact]
    public void A_bind_mount_takes_a_mode_of_access_times_with_other_options()
    {
        (int code, string output) = Runtime.RunContainer("grep ' /tmp/bound ' /proc/self/mountinfo", s => s with
        {
            Mounts = [.. s.Mounts, new OciMount("/tmp/bound") { Source = "/usr", Options = ["bind", "strictatime", "nosuid", "ro"] }],
        });
        Assert.Equal(0, code);
        Assert.Contains("ro,nosuid ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_mount_namespace_the_root_is_still_the_containers()
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "ls /"], s => s with
        {
            Root = new OciRoot("own"),
            Mounts = [],
            Linux = s.Linux! with { Namespaces = [.. s.Linux!.Namespaces.Where(n => n.Type != "mount")], MaskedPaths = [], ReadonlyPaths = [] },
        });
        string bin = Directory.CreateDirectory(Path.Combine(bundle, "own", "bin")).FullName;
        foreach (string applet in (string[])["sh", "ls"])
        {
            File.Copy("/bin/busybox", Path.Combine(bin, applet));
        }

        Assert.Equal((0, "bin\n"), Runtime.Oci("run", "--bundle", bundle, id));
    }

    [Fact]
    public void A_container_without_a_process_can_be_created_and_not_started()
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with { Process = null });
        Assert.Equal(0, Runtime.Detached("create", "--bundle", bundle, id));
        (int code, string output) = Runtime.Oci("start", id);
        Assert.Equal(1, code);
        Assert.Contains("no process", output, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => Runtime.Oci("state", id).Output.Contains("\"stopped\"", StringComparison.Ordinal), TimeSpan.FromSeconds(10)));
        Assert.Equal(0, Runtime.Oci("delete", id).ExitCode);
    }

    [Fact]
    public void What_changes_in_the_bundle_after_create_changes_nothing()
    {
        (string id, string bundle) = Runtime.Bundle(["true"]);
        Assert.Equal(0, Runtime.Detached("create", "--bundle", bundle, id));
        File.WriteAllText(Path.Combine(bundle, "config.json"), "{}");
        (int code, string output) = Runtime.Oci("state", id);
        Runtime.Oci("delete", "--force", id);
        Assert.Equal(0, code);
        Assert.Contains("\"created\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_cgroup_namespace_the_container_sees_its_own_group()
    {
        Assert.SkipWhen(CgroupHost.OfThisMachine().Mode == CgroupMode.V2, "v1 hierarchies alone are bound");
        (int code, string output) = Runtime.RunContainer("cat /sys/fs/cgroup/memory/memory.limit_in_bytes", s => s with
        {
            Mounts = [.. s.Mounts, new OciMount("/sys/fs/cgroup") { Type = "cgroup", Source = "cgroup", Options = ["nosuid", "noexec", "nodev", "ro"] }],
            Linux = s.Linux! with { Namespaces = [.. s.Linux!.Namespaces.Where(n => n.Type != "cgroup")] },
        });
        Assert.Equal((0, $"{64 << 20}\n"), (code, output));
    }

    [Fact]
    public void A_failure_is_in_the_log_as_a_line_of_json()
    {
        (string id, string bundle) = Runtime.Bundle(["nope"]);
        string log = Path.Combine(bundle, "log.json");
        Assert.Equal(127, Runtime.Oci("--log", log, "--log-format", "json", "run", "--bundle", bundle, id).ExitCode);
        using JsonDocument line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(log)));
        Assert.Equal("error", line.RootElement.GetProperty("level").GetString());
        Assert.Contains("ENOENT", line.RootElement.GetProperty("msg").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Preserved_descriptors_reach_the_command_and_no_others_do()
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "cat <&3; ls /proc/self/fd | wc -l"]);
        File.WriteAllText(Path.Combine(bundle, "passed"), "passed\n");
        (int code, string output) = OciRuntimeFixture.Run("/bin/sh",
            ["-c", "exec 3<\"$1/passed\" 4<\"$1/passed\"; exec \"$2\" --root \"$3\" run --preserve-fds 1 --bundle \"$1\" \"$4\"", "sh", bundle, OciRuntimeFixture.Runtime, Runtime.Root, id]);

        // 0, 1, 2, the one passed, and the folder that ls reads.
        Assert.Equal((0, "passed\n5\n"), (code, output));
    }

    [Fact]
    public void Hooks_run_in_their_order_around_the_command()
    {
        (string id, string bundle) = Runtime.Bundle(["true"]);
        string file = Path.Combine(bundle, "order");
        OciHook Hook(string name) => new("/bin/sh") { Args = ["sh", "-c", $"cat > /dev/null; echo {name} >> {file}"] };
        string config = Path.Combine(bundle, "config.json");
        OciSpec spec = JsonSerializer.Deserialize(File.ReadAllText(config), OciJson.Default.OciSpec)! with
        {
            Hooks = new OciHooks { Prestart = [Hook("prestart")], CreateRuntime = [Hook("createRuntime")], Poststart = [Hook("poststart")], Poststop = [Hook("poststop")] },
        };
        File.WriteAllBytes(config, JsonSerializer.SerializeToUtf8Bytes(spec, OciJson.Default.OciSpec));
        Assert.Equal(0, Runtime.Oci("run", "--bundle", bundle, id).ExitCode);
        Assert.Equal(["prestart", "createRuntime", "poststart", "poststop"], File.ReadAllLines(file));
    }

    [Fact]
    public void Without_systemd_a_scope_is_refused_and_nothing_is_left()
    {
        Assert.SkipWhen(Directory.Exists("/run/systemd/system"), "systemd runs here: tests/systemd.sh tries its scopes");
        string slice = $"{OciRuntimeFixture.Group}.slice";
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"], s => s with { Linux = s.Linux! with { CgroupsPath = $"{slice}:quilt:refused" } });
        (int code, string output) = Runtime.Oci("--systemd-cgroup", "create", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("systemd answers neither", output, StringComparison.Ordinal);
        Assert.Contains("leave --systemd-cgroup out", output, StringComparison.Ordinal);
        Assert.Contains("does not exist", Runtime.Oci("state", id).Output, StringComparison.Ordinal);
        Assert.All(CgroupHierarchy.OfHost(), h => Assert.Empty(Directory.EnumerateDirectories(h.MountPoint, slice.Split('-')[0] + ".slice")));
    }

    [Theory]
    [InlineData("quilt/elsewhere")]
    [InlineData("machine:quilt:name")]
    [InlineData("../machine.slice:quilt:name")]
    [InlineData("machine.slice:quilt:a/b")]
    public void With_systemd_cgroup_a_path_that_names_no_scope_is_refused(string path)
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with { Linux = s.Linux! with { CgroupsPath = path } });
        (int code, string output) = Runtime.Oci("--systemd-cgroup", "run", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("is not", output, StringComparison.Ordinal);
    }
}
