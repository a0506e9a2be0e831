using Quilt.Linux;
using Quilt.Oci;
using Quilt.Testing;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>security.md, line 7: taking more than was given, and what that does to others.</summary>
public sealed class ResourceTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    [Fact]
    public void A_fork_bomb_is_held_and_harms_no_neighbour()
    {
        using RunningContainer bomber = Runtime.Start(), neighbour = Runtime.Start();
        using BackgroundProcess bomb = bomber.Background("hostile", "bomb");
        Assert.Equal("refused EAGAIN", bomb.FirstLine);
        CgroupStatistics statistics = bomber.Cgroup.Statistics();
        Assert.InRange(statistics.Pids, 60UL, 64UL);
        Assert.Equal((0, "fine\n"), neighbour.Exec("sh", "-c", "sleep 0 & wait; echo fine"));
        Assert.Equal(0, Runtime.RunContainer(["true"]).ExitCode);
    }

    [Theory]
    [InlineData("mmap")]
    [InlineData("shared")]
    [InlineData("sysv")]
    [InlineData("memfd")]
    [InlineData("dev")]
    [InlineData("shm")]
    public void Memory_of_every_kind_counts(string kind)
    {
        // Two tmpfs of 64 MiB each are no more than the limit: with the process that fills them they are.
        (int code, string output) = Runtime.RunContainer(["hostile", "eat", kind, "200"]);
        Assert.True(code == 137 || output.Contains("ENOSPC", StringComparison.Ordinal), $"{code} {output}");
    }

    [Fact]
    public void Memory_counts_over_all_of_a_containers_processes() =>
        Assert.Equal("child signal 9\n", Runtime.RunContainer(["hostile", "eat", "children", "160"]).Output);

    [Fact]
    public async Task Running_out_of_memory_harms_neither_a_neighbour_nor_who_launched_it()
    {
        using RunningContainer neighbour = Runtime.Start();
        using RunningContainer eater = Runtime.Start(["sh", "-c", "sleep 1000"], s => s with { Process = s.Process! with { OomScoreAdj = 300 } });
        Assert.Equal(137, eater.Exec("hostile", "eat", "mmap", "200").ExitCode);
        await Deadline.Until(() => eater.Cgroup.Statistics().OomKills > 0);
        Assert.Equal(0UL, neighbour.Cgroup.Statistics().OomKills);
        Assert.Equal((0, "fine\n"), neighbour.Exec("echo", "fine"));
    }

    [Fact]
    public void Those_inside_cannot_make_themselves_safer_from_the_kernel_than_they_were_made()
    {
        Assert.SkipUnless(Capabilities.Own().Contains("CAP_SYS_RESOURCE"), "without CAP_SYS_RESOURCE root cannot set the lowest score (proc_pid_oom_score_adj(5))");
        const string script = "cat /proc/self/oom_score_adj; for v in 299 0 -1000; do (echo $v > /proc/self/oom_score_adj) 2> /dev/null && echo lowered; done; cat /proc/self/oom_score_adj";
        Assert.Equal((0, "300\n300\n"), Runtime.RunContainer(script, s => s with { Process = s.Process! with { OomScoreAdj = 300 } }));
    }

    [Theory]
    [InlineData(24)] // fewer than setting up takes
    [InlineData(500)]
    public void Limits_of_files_and_core_dumps_hold_and_cannot_be_raised(int files)
    {
        string script = $$"""
            ulimit -n; ulimit -c
            (ulimit -n {{files + 1}}) 2> /dev/null && echo raised
            (ulimit -c 1) 2> /dev/null && echo raised
            (i=3; while [ $i -lt {{files + 20}} ]; do eval "exec $i< /dev/null"; i=$((i+1)); done; echo opened) 2> /dev/null
            true
            """;
        OciRlimit[] limits = [new OciRlimit("RLIMIT_NOFILE", (ulong)files, (ulong)files), new OciRlimit("RLIMIT_CORE", 0, 0)];
        Assert.Equal((0, $"{files}\n0\n"), Runtime.RunContainer(script, s => s with { Process = s.Process! with { Rlimits = limits } }));
    }

    [Fact]
    public void A_limit_on_the_size_of_files_is_the_commands_alone()
    {
        // The program is larger, and is copied when its folder's tmpfs is mounted.
        const string script = "ulimit -f; trap '' XFSZ; head -c 4096 /dev/zero 2> /dev/null > /dev/shm/f; wc -c < /dev/shm/f";
        Assert.Equal((0, "2\n1024\n"), Runtime.RunContainer(script, s => s with
        {
            Process = s.Process! with { Rlimits = [new OciRlimit("RLIMIT_FSIZE", 1024, 1024)] },
            Mounts = [.. s.Mounts, new OciMount("/bin") { Type = "tmpfs", Source = "tmpfs", Options = ["tmpcopyup"] }],
        }));
    }

    [Fact]
    public void There_is_no_swap()
    {
        using RunningContainer container = Runtime.Start();
        IReadOnlyList<CgroupHierarchy> hierarchies = CgroupHierarchy.OfHost();
        CgroupHierarchy? memory = hierarchies.FirstOrDefault(h => h.Controllers.Contains("memory"));
        string folder = Path.Combine((memory ?? hierarchies.First(h => h.IsUnified)).MountPoint, OciRuntimeFixture.Group, container.Id);
        string file = Path.Combine(folder, memory is null ? "memory.swap.max" : "memory.memsw.limit_in_bytes");
        Assert.SkipUnless(File.Exists(file), "this kernel does not account swap");
        Assert.Equal(memory is null ? "0" : $"{64 << 20}", File.ReadAllText(file).Trim());
    }
}
