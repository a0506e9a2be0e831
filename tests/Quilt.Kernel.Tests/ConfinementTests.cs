using Quilt.Oci;
using Quilt.Shim.Contract;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>The default confinement, each line tried from inside.</summary>
public sealed class ConfinementTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    [Fact]
    public void Root_inside_is_nobody_outside()
    {
        (int code, string output) = Runtime.RunContainer("id -u; cat /proc/self/uid_map");
        Assert.Equal(0, code);
        string[] lines = output.Split('\n');
        Assert.Equal("0", lines[0]);
        Assert.Equal(["0", $"{OciRuntimeFixture.HostIdBase}", "65536"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Every_set_of_capabilities_is_the_small_one_and_seccomp_and_no_new_privs_hold()
    {
        (_, string output) = Runtime.RunContainer("grep -E '^(Cap|NoNewPrivs|Seccomp):?' /proc/self/status");
        Dictionary<string, string> status = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(":\t")).ToDictionary(p => p[0], p => p[1]);
        string expected = Quilt.Linux.Capabilities.Mask(StandardCapabilities.All).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((expected, expected, expected), (status["CapBnd"], status["CapPrm"], status["CapEff"]));
        Assert.Equal(("0000000000000000", "0000000000000000"), (status["CapInh"], status["CapAmb"]));
        Assert.Equal(("1", "2"), (status["NoNewPrivs"], status["Seccomp"]));
    }

    [Theory]
    [InlineData("unshare -m true")]
    [InlineData("unshare -U true")]
    [InlineData("mount -t tmpfs none /tmp")]
    [InlineData("mount -o remount,rw /proc/sys")]
    [InlineData("umount /proc/sys")]
    [InlineData("mknod /tmp/sda b 8 0")]
    [InlineData("hostname other")]
    [InlineData("echo 1 > /proc/sys/kernel/panic")]
    [InlineData("echo c > /proc/sysrq-trigger")]
    [InlineData("echo 0 > /sys/kernel/profiling")]
    [InlineData("mkdir /sys/x")]
    [InlineData("cat /proc/keys | grep .")]
    [InlineData("ls /proc/acpi | grep .")]
    [InlineData("ls /sys/firmware | grep .")]
    [InlineData("cat /proc/timer_list | grep .")]
    [InlineData("dmesg")]
    public void Is_refused(string attempt) => Assert.NotEqual(0, Runtime.RunContainer(attempt).ExitCode);

    [Fact]
    public void A_filter_without_no_new_privs_does_not_hinder_the_launcher()
    {
        OciSeccomp filter = new("SCMP_ACT_ALLOW") { Syscalls = [new OciSyscall(["close_range", "chdir", "getcwd", "setresuid", "setresgid", "setgroups"], "SCMP_ACT_ERRNO")] };
        (int code, string output) = Runtime.RunContainer("grep -E '^(CapPrm|CapEff|NoNewPrivs|Seccomp):' /proc/self/status; cd /tmp || echo refused", spec => spec with
        {
            Process = spec.Process! with { NoNewPrivileges = false }, Linux = spec.Linux! with { Seccomp = filter },
        });
        string expected = Quilt.Linux.Capabilities.Mask(StandardCapabilities.All).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(0, code);
        Assert.Contains($"CapPrm:\t{expected}\nCapEff:\t{expected}\nNoNewPrivs:\t0\nSeccomp:\t2\n", output, StringComparison.Ordinal);
        Assert.EndsWith("refused\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_loopback_is_there()
    {
        (_, string output) = Runtime.RunContainer("ls /sys/class/net");
        Assert.Equal(["lo"], output.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void No_descriptor_of_the_host_leaks_in()
    {
        (_, string output) = Runtime.RunContainer(["ls", "/proc/self/fd"]);
        // 0 to 2, and the one that ls itself opens on the folder.
        Assert.Equal(["0", "1", "2", "3"], output.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void The_environment_is_the_configured_one_and_HOME_alone()
    {
        (_, string output) = Runtime.RunContainer(["env"]);
        Assert.Equal(["HOME=/", "PATH=/bin", "SECRET=hunter2"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Signals_are_neither_blocked_nor_ignored()
    {
        (_, string output) = Runtime.RunContainer(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]);
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith("\t0000000000000000", line));
    }

    [Fact]
    public void The_old_root_is_gone()
    {
        // Under its own root, beside it, or above: a mount that is not of the container's would be in its list, a folder of the host's on the way.
        (int code, string output) = Runtime.RunContainer($"cut -d' ' -f5 /proc/self/mountinfo; cd /; cd ../..; ls -d .{Runtime.Folder} /proc/1/root{Runtime.Folder} 2>/dev/null; true");
        Assert.Equal(0, code);
        string[] mounts = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Single(mounts, "/");
        Assert.All(mounts, m => Assert.Contains(m.Split('/')[1], (string[])["", "proc", "sys", "dev"]));
        Assert.Equal(mounts.Length, mounts.Distinct().Count());
    }

    [Fact]
    public void An_image_whose_dev_is_a_symbolic_link_is_refused()
    {
        (string id, string bundle) = Runtime.Bundle(["true"]);
        OciRuntimeFixture.ImageLink(bundle, "dev", "/tmp");
        (int code, string output) = Runtime.Oci("run", "--bundle", bundle, id);
        Assert.Equal(1, code);
        Assert.Contains("ELOOP", output, StringComparison.Ordinal);
        Assert.DoesNotContain(id, Runtime.Oci("list", "-q").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_working_directory_through_a_leaked_descriptor_is_refused() =>
        Assert.NotEqual(0, Runtime.RunContainer(["true"], s => s with { Process = s.Process! with { Cwd = "/proc/self/fd/7" } }).ExitCode);

    [Fact]
    public async Task The_init_is_closed_to_those_inside()
    {
        (string id, string bundle) = Runtime.Bundle(
            ["sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline; for f in environ mem maps exe fd/0; do cat /proc/1/$f > /dev/null 2>&1 && echo open $f; done; true"],
            s => OciRuntimeFixture.WithAnnotation(s, QuiltAnnotations.Init));
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            Assert.Equal(0, (await shim.NextEvent()).Exit.ExitCode);
            Assert.Equal("quilt-init", ShimProcess.LogOf(bundle).Trim());
        }

        ShimTests.RemoveGroup(id);
    }

    [Fact]
    public void The_process_limit_holds()
    {
        (_, string output) = Runtime.RunContainer("i=0; while [ $i -lt 200 ]; do sleep 5 & i=$((i+1)); done");
        Assert.Contains("can't fork", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_memory_limit_holds() =>
        Assert.Equal(137, Runtime.RunContainer(["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"]).ExitCode);
}
