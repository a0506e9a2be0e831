using Quilt.Oci;
using Quilt.Testing;

namespace Quilt.Linux.Tests.Cgroups;

/// <summary>What every control group does, whichever hierarchy holds it; run on each that this machine has mounted.</summary>
public abstract class CgroupContractTests(bool unified)
{
    private readonly CgroupHierarchy[] _hierarchies = [.. CgroupHierarchy.OfHost().Where(h => h.IsUnified == unified)];

    private static OciDeviceRule Character(long major, long minor, string access) => new(true) { Type = "c", Major = major, Minor = minor, Access = access };

    private ICgroup New()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "control groups are made by root");
        Assert.SkipWhen(_hierarchies.Length == 0, $"this machine has no {(unified ? "unified" : "v1")} hierarchy");
        return new CgroupHost(_hierarchies).Open($"quilt-test-{Guid.NewGuid():n}/group");
    }

    private void NeedController(string controller) => Assert.SkipUnless(
        _hierarchies.Any(h => h.IsUnified
            ? File.ReadAllText(h.MountPoint + "/cgroup.controllers").Split((char[])[' ', '\n']).Contains(controller)
            : h.Controllers.Contains(controller)),
        $"this machine has the {controller} controller in no {(unified ? "unified" : "v1")} hierarchy");

    /// <summary>Removes the group's parent too, which is the test's own.</summary>
    private protected async Task With(Func<ICgroup, Task> test)
    {
        ICgroup group = New();
        try
        {
            group.Create();
            await test(group);
        }
        finally
        {
            group.KillAll();
            ICgroup parent = new CgroupHost(_hierarchies).Open(group.Path.Split('/')[0]);
            parent.Remove();
            Assert.False(parent.Exists);
        }
    }

    [Fact]
    public Task It_is_there_after_it_is_made_and_gone_after_it_is_removed_however_often() => With(group =>
    {
        Assert.True(group.Exists);
        group.Create();
        group.Remove();
        Assert.False(group.Exists);
        group.Remove();
        return Task.CompletedTask;
    });

    [Fact]
    public Task What_is_noted_with_it_is_replaced_and_goes_with_it() => With(group =>
    {
        const string name = "trusted.quilt.test";
        Assert.Null(group.NoteOf(name));
        group.SetNote(name, "1 2");
        group.SetNote(name, "34 5");
        Assert.Equal("34 5", group.NoteOf(name));
        group.Remove();
        Assert.Null(group.NoteOf(name));
        Assert.Equal(Errno.ENOENT, Assert.Throws<SyscallException>(() => group.SetNote(name, "6")).Errno);
        group.Create();
        Assert.Null(group.NoteOf(name));
        return Task.CompletedTask;
    });

    [Fact]
    public Task It_holds_the_processes_that_are_added() => With(async group =>
    {
        Assert.Empty(group.Processes());
        using CgroupMember member = new(group, "exit 7");
        Assert.Equal([member.Pid], group.Processes());
        member.Go();
        Assert.Equal(7, await member.ExitCode());
        await Deadline.Until(() => group.Processes().Count == 0);
    });

    [Fact]
    public Task Its_removal_is_refused_while_it_holds_a_process() => With(group =>
    {
        using CgroupMember member = new(group, "exit 0");
        Assert.Equal(Errno.EBUSY, Assert.Throws<SyscallException>(group.Remove).Errno);
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_frozen_process_goes_on_only_when_thawed() => With(async group =>
    {
        if (!unified)
        {
            NeedController("freezer");
        }

        using CgroupMember member = new(group, "exit 3");
        group.SetFrozen(true);
        Assert.True(group.IsFrozen);
        member.Go();
        Task<int> exit = member.ExitCode();
        Assert.False(exit.IsCompleted);
        group.SetFrozen(false);
        Assert.False(group.IsFrozen);
        Assert.Equal(3, await exit);
    });

    [Fact]
    public Task What_stands_still_goes_on_by_what_was_opened_before_it_did() => With(async group =>
    {
        if (!unified)
        {
            NeedController("freezer");
        }

        string mountPoint = _hierarchies.First(h => unified || h.Controllers.Contains("freezer")).MountPoint;
        using CgroupMember member = new(group, "exit 3");
        using CgroupFreezer freezer = group.OpenFreezer();
        freezer.Set(true);
        member.Go();
        Task<int> exit = member.ExitCode();
        Sys.Mount("tmpfs", $"{mountPoint}/{group.Path}", "tmpfs", 0, "size=4k"); // no file of it can be opened any more
        try
        {
            Assert.False(exit.IsCompleted);
            freezer.Set(false);
            Assert.Equal(3, await exit);
        }
        finally
        {
            Sys.Unmount($"{mountPoint}/{group.Path}", lazily: false);
        }
    });

    [Fact]
    public Task It_goes_at_once_where_nobody_is_in_it_and_otherwise_stays() => With(async group =>
    {
        using CgroupMember member = new(group, "exit 0");
        Assert.False(group.TryRemove());
        Assert.Equal([member.Pid], group.Processes());
        member.Go();
        Assert.Equal(0, await member.ExitCode());
        await Deadline.Until(group.TryRemove);
        Assert.False(group.Exists);
        Assert.True(group.TryRemove());
    });

    [Fact]
    public Task What_is_left_of_one_that_was_half_removed_is_killed_and_goes() => With(async group =>
    {
        using CgroupMember member = new(group, "exit 0");
        if (!unified)
        {
            // As where it was made or removed in some hierarchies alone.
            NeedController("freezer");
            string freezer = _hierarchies.First(h => h.Controllers.Contains("freezer")).MountPoint;
            Sys.WriteFile($"{freezer}/cgroup.procs", $"{member.Pid}");
            Assert.True(Sys.TryRemoveDirectory($"{freezer}/{group.Path}", out _));
        }

        group.KillAll();
        Assert.Equal(137, await member.ExitCode());
        group.Remove();
        Assert.False(group.Exists);
    });

    [Fact]
    public Task Killing_ends_all_of_it_even_frozen_and_what_is_below() => With(async group =>
    {
        // In two groups below it: v2 lets a group that hands controllers on hold no process itself.
        ICgroup left = new CgroupHost(_hierarchies).Open(group.Path + "/left"), right = new CgroupHost(_hierarchies).Open(group.Path + "/right");
        left.Create();
        right.Create();
        using CgroupMember first = new(left, "exit 0"), second = new(right, "exit 0");
        Assert.Equal(new HashSet<int> { first.Pid, second.Pid }, group.Processes().ToHashSet());
        group.SetFrozen(true);
        group.KillAll();
        Assert.Equal(137, await first.ExitCode());
        Assert.Equal(137, await second.ExitCode());
    });

    [Fact]
    public Task Only_allowed_devices_open() => With(async group =>
    {
        if (!unified)
        {
            NeedController("devices");
        }

        group.Apply(new OciResources { Devices = [new(false) { Access = "rwm" }, Character(1, 3, "r"), Character(1, 5, "rw")] });
        using CgroupMember member = new(group, "true < /dev/null || exit 1; true > /dev/zero || exit 2; true 2>&1 > /dev/null && exit 3; true < /dev/full && exit 4; exit 0");
        member.Go();
        Assert.Equal(0, await member.ExitCode());
    });

    [Fact]
    public Task Devices_given_anew_replace_those_of_before() => With(async group =>
    {
        if (!unified)
        {
            NeedController("devices");
        }

        OciDeviceRule none = new(false) { Access = "rwm" };
        group.Apply(new OciResources { Devices = [none, Character(1, 3, "rw")] });
        group.Apply(new OciResources { Devices = [none, Character(1, 5, "rw")] });
        using CgroupMember member = new(group, "true < /dev/zero || exit 1; true < /dev/null && exit 2; exit 0");
        member.Go();
        Assert.Equal(0, await member.ExitCode());
    });

    [Fact]
    public Task No_more_processes_start_than_its_limit() => With(async group =>
    {
        NeedController("pids");
        group.Apply(new OciResources { Pids = new OciPids(1) });
        Assert.Equal(1UL, group.Statistics().PidsLimit);
        Assert.False(group.IsFull);
        using CgroupMember member = new(group, "(exit 0) && exit 0; exit 5");
        Assert.Equal(!unified, group.IsFull); // a clone into v2's is refused by the kernel
        member.Go();
        Assert.NotEqual(0, await member.ExitCode());
    });

    [Fact]
    public Task Its_memory_limit_is_told_and_may_be_changed() => With(group =>
    {
        NeedController("memory");
        group.Apply(new OciResources { Memory = new OciMemory { Limit = 64 << 20, Swap = 64 << 20 } });
        Assert.Equal(64UL << 20, group.Statistics().MemoryLimitBytes);
        group.Apply(new OciResources { Memory = new OciMemory { Limit = 128 << 20, Swap = 128 << 20 } });
        Assert.Equal(128UL << 20, group.Statistics().MemoryLimitBytes);
        return Task.CompletedTask;
    });

    [Fact]
    public Task Limits_change_all_or_none_and_can_be_taken_back() => With(group =>
    {
        NeedController("memory");
        NeedController("pids");
        group.Apply(new OciResources { Memory = new OciMemory { Limit = 64 << 20, Swap = 64 << 20 }, Pids = new OciPids(10) });
        Action undo = group.Change(new OciResources { Memory = new OciMemory { Limit = 128 << 20, Swap = 128 << 20 }, Pids = new OciPids(20) });
        Assert.Equal((128UL << 20, 20UL), (group.Statistics().MemoryLimitBytes, group.Statistics().PidsLimit));
        undo();
        Assert.Equal((64UL << 20, 10UL), (group.Statistics().MemoryLimitBytes, group.Statistics().PidsLimit));

        // CPUs that no machine has: refused after the memory was changed.
        LimitRefusedException refused = Assert.Throws<LimitRefusedException>(() => group.Change(new OciResources { Memory = new OciMemory { Limit = 32 << 20, Swap = 32 << 20 }, Cpu = new OciCpu { Cpus = "8000" } }));
        Assert.Equal("cpuset.cpus", refused.File);
        Assert.Equal((64UL << 20, 10UL), (group.Statistics().MemoryLimitBytes, group.Statistics().PidsLimit));
        return Task.CompletedTask;
    });

    [Fact]
    public Task What_it_comes_to_is_told_by_the_kernel() => With(async group =>
    {
        NeedController("memory");
        group.Apply(new OciResources { Memory = new OciMemory { Limit = 32 << 20, Swap = 32 << 20 } });
        using FileNotices notices = new();
        using EventCounter counter = new();
        int[] watches = [.. group.NotifyingFiles.Select(f => notices.TryWatch(f)).OfType<int>()];
        Assert.Equal(!unified, group.TryNotify(counter, [8 << 20]));
        using CgroupMember member = new(group, "tail /dev/zero");
        member.Go();
        Assert.Equal(137, await member.ExitCode());
        await Deadline.Until(() => unified ? notices.Take()!.Intersect(watches).Any() : counter.Take() > 0);
        Assert.Equal(1UL, group.Levels().OomKills);
    });

    [Fact]
    public Task The_time_its_processes_ran_is_counted() => With(async group =>
    {
        if (!unified)
        {
            NeedController("cpuacct");
        }

        using CgroupMember member = new(group, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
        member.Go();
        Assert.Equal(0, await member.ExitCode());
        Assert.True(group.Statistics().CpuUsageMicros > 0);
    });

    [Fact]
    public void A_path_that_leads_out_is_refused() =>
        Assert.ThrowsAny<Exception>(() => new CgroupHost(_hierarchies).Open("quilt-test/../other"));
}

public sealed class CgroupV1Tests() : CgroupContractTests(unified: false)
{
    /// <summary>In groups of ours the kernel does it, at once: to write a cpuset is to look at all beside it.</summary>
    [Fact]
    public Task A_group_begins_with_the_processors_of_the_one_above_it() => With(group =>
    {
        string? root = CgroupHierarchy.OfHost().FirstOrDefault(h => h.Controllers.Contains("cpuset"))?.MountPoint;
        Assert.SkipWhen(root is null, "this machine has no cpuset hierarchy of v1");
        string parent = Path.Combine(root, group.Path.Split('/')[0]);
        Assert.Equal("1\n", File.ReadAllText(parent + "/cgroup.clone_children"));
        Directory.CreateDirectory(parent + "/beside");
        foreach (string file in (string[])["cpuset.cpus", "cpuset.mems"])
        {
            string all = File.ReadAllText(Path.Combine(root, file));
            Assert.Equal(all, File.ReadAllText(Path.Combine(root, group.Path, file)));
            Assert.Equal(all, File.ReadAllText($"{parent}/beside/{file}"));
        }

        return Task.CompletedTask;
    });
}

public sealed class CgroupV2Tests() : CgroupContractTests(unified: true);
