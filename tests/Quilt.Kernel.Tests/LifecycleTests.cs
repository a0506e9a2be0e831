using System.Diagnostics;
using System.Text.Json;
using Quilt.Linux;
using Quilt.Oci;
using Xunit;

namespace Quilt.Kernel.Tests;

public sealed class LifecycleTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    [Fact]
    public void A_container_is_created_started_paused_killed_and_deleted()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        // Its stdio must not hold ours open.
        Assert.Equal(0, Runtime.Detached("create", "--bundle", bundle, id));
        Assert.Equal("created", Status(id));
        Assert.NotEqual(0, Runtime.Oci("delete", id).ExitCode);
        Assert.Equal(0, Runtime.Detached("start", id));
        Assert.Equal("running", Status(id));
        Assert.NotEqual(0, Runtime.Oci("start", id).ExitCode);
        Assert.Equal(0, Runtime.Oci("pause", id).ExitCode);
        Assert.Equal("paused", Status(id));
        Assert.Equal(0, Runtime.Oci("resume", id).ExitCode);
        Assert.Equal(0, Runtime.Oci("kill", id, "KILL").ExitCode);
        Assert.True(SpinWait.SpinUntil(() => Status(id) == "stopped", TimeSpan.FromSeconds(10)));
        Assert.Equal(0, Runtime.Oci("delete", id).ExitCode);
        Assert.Contains("does not exist", Runtime.Oci("state", id).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_names_no_group_has_one_of_its_own_while_it_is_there()
    {
        (string id, string bundle) = Runtime.Bundle(["cat", "/proc/self/cgroup"], spec => spec with
        {
            Linux = spec.Linux! with { CgroupsPath = null, Namespaces = [.. spec.Linux.Namespaces.Where(n => n.Type != "cgroup")] },
        });
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(0, code);
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith($"/quilt-oci-{id}", line));
        Assert.DoesNotContain(CgroupHierarchy.OfHost(), h => Directory.EnumerateDirectories(h.MountPoint, $"quilt-oci-{id}").Any());
    }

    [Fact]
    public async Task Nobody_joins_or_starts_a_container_before_its_root_is_its_own()
    {
        string begun = Path.Combine(Runtime.Folder, "begun"), end = Path.Combine(Runtime.Folder, "go-on");
        (string id, string bundle) = Runtime.Bundle(["true"], spec => spec with { Hooks = new OciHooks { CreateRuntime = [HeldUp(begun, end)] } });
        Task<(int ExitCode, string Output)> run = Task.Run(() => Runtime.Oci("run", "--bundle", bundle, id), TestContext.Current.CancellationToken);
        try
        {
            Assert.True(SpinWait.SpinUntil(() => File.Exists(begun), TimeSpan.FromSeconds(10)));
            foreach (string[] early in (string[][])[["exec", id, "true"], ["start", id], ["state", id], ["pause", id]])
            {
                (int code, string output) = Runtime.Oci(early);
                Assert.Equal(1, code);
                Assert.Contains("does not exist", output, StringComparison.Ordinal);
            }
        }
        finally
        {
            File.WriteAllText(end, "");
        }

        Assert.Equal((0, ""), await run);
    }

    [Fact]
    public void A_container_in_the_making_ends_with_its_launcher()
    {
        string begun = Path.Combine(Runtime.Folder, "begun-alone"), end = Path.Combine(Runtime.Folder, "never");
        (string id, string bundle) = Runtime.Bundle(["true"], spec => spec with { Hooks = new OciHooks { CreateRuntime = [HeldUp(begun, end)] } });
        using Process launcher = Process.Start("/bin/sh", ["-c", "exec \"$@\" > /dev/null 2>&1 < /dev/null", "sh", OciRuntimeFixture.Runtime, "--root", Runtime.Root, "run", "--bundle", bundle, id]);
        try
        {
            int child = 0;
            Assert.True(SpinWait.SpinUntil(() => File.Exists(begun) && int.TryParse(File.ReadAllText(begun), out child), TimeSpan.FromSeconds(10)));
            ulong started = ProcessStat.TryRead(child)!.Value.StartTime;
            launcher.Kill();
            Assert.True(SpinWait.SpinUntil(() => !ProcessStat.IsAlive(child, started), TimeSpan.FromSeconds(10)), "the child waits on for a launcher that is gone");
        }
        finally
        {
            File.WriteAllText(end, "");
        }

        Assert.Equal(0, Runtime.Oci("delete", "--force", id).ExitCode);
    }

    /// <summary>A hook that tells the container's pid by a file, and waits for another.</summary>
    private static OciHook HeldUp(string begun, string end) => new("/bin/sh")
    {
        Args = ["sh", "-c", $"grep -o '\"pid\":[0-9]*' | tr -dc 0-9 > {begun}.new; mv {begun}.new {begun}; while [ ! -e {end} ]; do sleep 0.01; done"],
    };

    [Theory]
    [InlineData(16, 0)]
    [InlineData(6, 0)]
    public void Setting_up_is_not_held_to_the_commands_limit_of_files(ulong files, int expected)
    {
        (string id, string bundle) = Runtime.Bundle(["true"], spec => spec with
        {
            Process = spec.Process! with { Rlimits = [new OciRlimit("RLIMIT_NOFILE", files, files)] },
        });
        Assert.Equal((expected, ""), Runtime.Oci("run", "--bundle", bundle, id));
    }

    [Fact]
    public void A_run_alone_has_its_poststop_hooks_after_its_end()
    {
        string told = Path.Combine(Runtime.Folder, "poststop");
        (string id, string bundle) = Runtime.Bundle(["true"], spec => spec with
        {
            Hooks = new OciHooks { Poststop = [new OciHook("/bin/sh") { Args = ["sh", "-c", $"grep -o '\"status\":\"[a-z]*\"' > {told}"] }] },
        });
        Assert.Equal((0, ""), Runtime.Oci("run", "--bundle", bundle, id));
        Assert.Equal("\"status\":\"stopped\"\n", File.ReadAllText(told));
    }

    [Fact]
    public void An_exec_joins_every_namespace_with_the_same_confinement()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        Assert.Equal(0, Runtime.Detached("run", "--detach", "--bundle", bundle, id));
        try
        {
            (int code, string output) = Runtime.Oci("exec", id, "sh", "-c", "hostname; id -u; grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status; for n in user pid net ipc uts mnt cgroup; do [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || echo other $n; done; unshare -m true; exit 9");
            Assert.Equal(9, code);
            Assert.StartsWith("quilt-test\n0\nNoNewPrivs:\t1\nSeccomp:\t2\n", output);
            Assert.DoesNotContain("other", output, StringComparison.Ordinal);
            Assert.Contains("unshare", output, StringComparison.Ordinal);
            Assert.Equal(127, Runtime.Oci("exec", id, "nope").ExitCode);
            Assert.Equal(126, Runtime.Oci("exec", id, "/etc/script").ExitCode);
            Assert.Equal(1, Runtime.Oci("exec", "--cwd", "/nope", id, "true").ExitCode);
            Assert.Equal(1, Runtime.Oci("exec", "--user", "root", id, "true").ExitCode);
        }
        finally
        {
            Runtime.Oci("delete", "--force", id);
        }
    }

    /// <summary>The cgroup namespace begins at the container's group: what is in it sees itself at '/'.</summary>
    [Fact]
    public void A_container_and_its_execs_are_in_its_group_of_every_hierarchy()
    {
        const string groups = "cut -d: -f3 /proc/self/cgroup | sort -u";
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", $"{groups} > /tmp/groups; exec sleep 1000"]);
        Assert.Equal(0, Runtime.Detached("run", "--detach", "--bundle", bundle, id));
        try
        {
            (_, string output) = Runtime.Oci("exec", id, "sh", "-c", $"{groups}; until [ -s /tmp/groups ]; do :; done; cat /tmp/groups");
            Assert.Equal("/\n/\n", output);
        }
        finally
        {
            Runtime.Oci("delete", "--force", id);
        }
    }

    [Fact]
    public void The_exit_code_is_the_commands()
    {
        Assert.Equal(7, Runtime.RunContainer("exit 7").ExitCode);
        Assert.Equal(127, Runtime.RunContainer(["nope"]).ExitCode);
        Assert.Equal(126, Runtime.RunContainer(["/etc/script"]).ExitCode);
    }

    [Fact]
    public void Limits_are_set_and_changed_live()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        Assert.Equal(0, Runtime.Detached("run", "--detach", "--bundle", bundle, id));
        try
        {
            Quilt.Linux.ICgroup cgroup = Quilt.Linux.CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}");
            Assert.Equal((64UL << 20, 64UL), (cgroup.Statistics().MemoryLimitBytes, cgroup.Statistics().PidsLimit));
            Assert.Equal(0, Runtime.Oci("update", "--pids-limit", "33", "--memory", "48MiB", "--memory-swap", "48MiB", id).ExitCode);
            Assert.Equal((48UL << 20, 33UL), (cgroup.Statistics().MemoryLimitBytes, cgroup.Statistics().PidsLimit));

            // All or none: the processors come after the memory, and there are none such.
            (int code, string said) = Runtime.Oci("update", "--pids-limit", "44", "--memory", "40MiB", "--cpuset-cpus", "4000", id);
            Assert.Equal(1, code);
            Assert.Contains("cpuset.cpus", said, StringComparison.Ordinal);
            Assert.Equal((48UL << 20, 33UL), (cgroup.Statistics().MemoryLimitBytes, cgroup.Statistics().PidsLimit));
        }
        finally
        {
            Runtime.Oci("delete", "--force", id);
        }
    }

    [Fact]
    public void A_failed_create_leaves_nothing()
    {
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with { Mounts = [.. s.Mounts, new OciMount("/x") { Type = "nosuchfs", Source = "x" }] });
        (int code, string output) = Runtime.Oci("create", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("mount nosuchfs at /x: ENODEV", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Runtime.Root, id)));
        Assert.False(Quilt.Linux.CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}").Exists);
    }

    [Fact]
    public void A_command_that_is_nowhere_fails_the_create_and_leaves_nothing()
    {
        (string id, string bundle) = Runtime.Bundle(["nope"]);
        (int code, string output) = Runtime.Oci("create", "--bundle", bundle, id);
        Assert.Equal(127, code);
        Assert.Contains("no such file or directory", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Runtime.Root, id)));
    }

    [Fact]
    public void Without_a_user_namespace_the_default_devices_are_made_and_the_others_refused()
    {
        (int code, string output) = Runtime.RunContainer("echo > /dev/null && head -c 4 /dev/urandom | wc -c && mknod /tmp/mem c 1 1 && cat /tmp/mem", s => s with
        {
            Linux = s.Linux! with { Namespaces = [.. s.Linux.Namespaces.Where(n => n.Type != "user")], UidMappings = [], GidMappings = [] },
        });
        Assert.NotEqual(0, code);
        Assert.StartsWith("4\n", output);
        Assert.Contains("not permitted", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/b")]
    [InlineData("..")]
    public void An_id_is_never_a_path(string id)
    {
        (_, string bundle) = Runtime.Bundle(["true"]);
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("is not a container id", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Hooks_run_at_their_time_with_the_state_on_stdin()
    {
        string log = Path.GetTempFileName();
        OciHook Hook(string name) => new("/bin/sh") { Args = ["sh", "-c", $"echo {name} $(cat | grep -o '\"status\":\"[a-z]*\"') >> {log}"] };
        Assert.Equal(0, Runtime.RunContainer(["true"], s => s with
        {
            Hooks = new OciHooks { CreateRuntime = [Hook("createRuntime")], Poststart = [Hook("poststart")], Poststop = [Hook("poststop")] },
        }).ExitCode);
        Assert.Equal(
            ["createRuntime \"status\":\"creating\"", "poststart \"status\":\"running\"", "poststop \"status\":\"stopped\""],
            File.ReadAllLines(log));
        File.Delete(log);
    }

    [Fact]
    public void A_failing_create_hook_fails_the_container() =>
        Assert.Contains("hook", Runtime.RunContainer(["true"], s => s with { Hooks = new OciHooks { CreateRuntime = [new OciHook("/bin/false")] } }).Output, StringComparison.Ordinal);

    /// <summary>runtime.md, 'Lifecycle': the container is stopped and undone, and its poststop hooks are run.</summary>
    [Theory]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    [InlineData("createContainer")]
    [InlineData("startContainer")]
    public void A_failing_hook_ends_the_life_of_the_container(string failing)
    {
        string told = Path.Combine(Runtime.Folder, $"after-{failing}");
        IReadOnlyList<OciHook> If(string name) => name == failing ? [new OciHook("/bin/false")] : [];
        OciHooks hooks = new()
        {
            Prestart = If("prestart"), CreateRuntime = If("createRuntime"), CreateContainer = If("createContainer"), StartContainer = If("startContainer"),
            Poststop = [new OciHook("/bin/sh") { Args = ["sh", "-c", $"grep -o '\"status\":\"[a-z]*\"' >> {told}"] }],
        };
        (string id, string bundle) = Runtime.Bundle(["true"], s => s with { Hooks = hooks });
        Assert.Equal(failing == "startContainer" ? 0 : 1, Runtime.Detached("create", "--bundle", bundle, id));
        if (failing == "startContainer")
        {
            Assert.Contains("hook", Runtime.Oci("start", id).Output, StringComparison.Ordinal);
        }

        Assert.Equal("\"status\":\"stopped\"\n", File.ReadAllText(told));
        Assert.Contains("does not exist", Runtime.Oci("state", id).Output, StringComparison.Ordinal);
        Assert.Equal(1, Runtime.Oci("run", "--bundle", bundle, id).ExitCode);
        Assert.Equal("\"status\":\"stopped\"\n\"status\":\"stopped\"\n", File.ReadAllText(told));
        Assert.False(CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}").Exists);
    }

    /// <summary>More than a pipe holds, and a hook that reads nothing of it.</summary>
    [Fact]
    public void A_hook_gets_a_state_of_any_length_and_need_not_read_it()
    {
        string told = Path.Combine(Runtime.Folder, "length");
        (string id, string bundle) = Runtime.Bundle(["true"], s => OciRuntimeFixture.WithAnnotation(s, "long", new string('x', 200_000)) with
        {
            Hooks = new OciHooks { CreateRuntime = [new OciHook("/bin/sh") { Args = ["sh", "-c", $"wc -c > {told}"] }, new OciHook("/bin/true")] },
        });
        Assert.Equal((0, ""), OciRuntimeFixture.Run("timeout", ["60", OciRuntimeFixture.Runtime, "--root", Runtime.Root, "run", "--bundle", bundle, id]));
        Assert.True(int.Parse(File.ReadAllText(told), System.Globalization.CultureInfo.InvariantCulture) > 200_000);
    }

    /// <summary>With v1 a process that stands still takes no signal.</summary>
    [Fact]
    public void A_paused_container_can_be_killed()
    {
        using RunningContainer container = Runtime.Start();
        Assert.Equal(0, Runtime.Oci("pause", container.Id).ExitCode);
        Assert.Equal((0, ""), Runtime.Oci("kill", container.Id, "KILL"));
        Assert.True(SpinWait.SpinUntil(() => Status(container.Id) == "stopped", TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"id\":")]
    public void A_container_whose_state_is_damaged_hides_no_other_and_can_be_removed(string state)
    {
        using RunningContainer other = Runtime.Start();
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        Assert.Equal(0, Runtime.Detached("run", "--detach", "--bundle", bundle, id));
        File.WriteAllText(Path.Combine(Runtime.Root, id, "state.json"), state);
        (int code, string output) = Runtime.Oci("list", "-q");
        Assert.Equal(0, code);
        Assert.Contains(other.Id, output, StringComparison.Ordinal);
        Assert.Contains("'delete --force' removes it", Runtime.Oci("state", id).Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), Runtime.Oci("delete", "--force", id));
        Assert.False(Directory.Exists(Path.Combine(Runtime.Root, id)));
        Assert.False(CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}").Exists);
        Assert.Equal("running", Status(other.Id));
    }

    [Fact]
    public void A_command_line_writes_nothing_but_itself_to_the_terminal_of_who_lists_it()
    {
        using RunningContainer container = Runtime.Start(["sh", "-c", "sleep 1000; true", "\e[2J\n1 forged"]);
        string output = Runtime.Oci("ps", container.Id).Output;
        Assert.Contains("sh -c sleep 1000; true \\u001b[2J\\u000a1 forged", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }

    private string Status(string id)
    {
        using JsonDocument state = JsonDocument.Parse(Runtime.Oci("state", id).Output);
        return state.RootElement.GetProperty("status").GetString()!;
    }
}
