using Quilt.Oci;
using Quilt.Testing;

namespace Quilt.Linux.Tests.Cgroups;

/// <summary>Hosts whose unified hierarchy has some controllers, and v1's hierarchies the others.</summary>
public sealed class HybridCgroupTests
{
    private const string PageSize = "2MB";
    private static readonly OciResources _fourMegabytes = new() { HugepageLimits = [new OciHugepageLimit(PageSize, 4 << 20)] };

    [Fact]
    public void Huge_pages_are_counted_by_the_unified_hierarchy_where_it_has_them()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "control groups are made by root");
        CgroupHost host = CgroupHost.OfThisMachine();
        Assert.SkipUnless(host.Mode == CgroupMode.Hybrid && CgroupFiles.Controllers(host.Unified!).Contains("hugetlb"), "this host has hugetlb not in a unified hierarchy beside v1's");
        Assert.True(host.Has("hugetlb"));
        string path = $"quilt-test-{Guid.NewGuid():n}";
        ICgroup parent = host.Open(path), group = host.Open(path + "/group");
        try
        {
            group.Create();
            group.Apply(_fourMegabytes);
            Assert.Equal("4194304\n", Limit());
            Action undo = group.Change(new OciResources { HugepageLimits = [new OciHugepageLimit(PageSize, 8 << 20)] });
            Assert.Equal("8388608\n", Limit());
            undo();
            Assert.Equal("4194304\n", Limit());
            Assert.Equal(0ul, group.HugepageBytes(PageSize));
            using CgroupMember member = new(group, "exit 3"); // the groups above hand controllers on, and processes may be here all the same
            Assert.Contains(member.Pid, group.Processes());
            member.Go();
        }
        finally
        {
            group.KillAll();
            parent.Remove();
        }

        Assert.False(parent.Exists);
        string Limit() => File.ReadAllText($"{host.Unified}/{path}/group/hugetlb.{PageSize}.max");
    }

    /// <summary>v2 has both in one file. On a host with v1's processors: by a file that stands for the kernel's.</summary>
    [Fact]
    public void Of_a_quota_and_its_period_the_one_that_is_not_given_stays()
    {
        using TemporaryFolder folder = new();
        string file = folder["cpu.max"];
        File.WriteAllText(file, "20000 100000\n");
        CgroupV2 group = new(folder.Path, "");
        Assert.Equal("20000 200000\n", After(new OciCpu { Period = 200000 }));
        Assert.Equal("40000 200000\n", After(new OciCpu { Quota = 40000 }));
        Assert.Equal("40000 200000\n", After(new OciCpu { Quota = 0, Period = 0 }));
        Assert.StartsWith("max 200000", After(new OciCpu { Quota = -1 }), StringComparison.Ordinal);
        string After(OciCpu cpu)
        {
            group.Apply(new OciResources { Cpu = cpu });
            return File.ReadAllText(file);
        }
    }

    [Fact]
    public void What_limits_alone_is_taken_from_the_unified_hierarchy_and_what_has_use_and_events_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        string unified = Directory.CreateDirectory(folder["unified"]).FullName, v1 = Directory.CreateDirectory(folder["pids"]).FullName;
        File.WriteAllText(Path.Combine(unified, "cgroup.controllers"), "hugetlb rdma memory\n");
        CgroupHost host = new([new(unified, true, []), new(v1, false, ["pids"])]);
        Assert.Equal([true, true, true, false, false], ((string[])["hugetlb", "rdma", "pids", "memory", "io"]).Select(host.Has));

        string group = Directory.CreateDirectory(Path.Combine(unified, "a")).FullName;
        File.WriteAllText(Path.Combine(group, $"hugetlb.{PageSize}.max"), "max\n");
        File.WriteAllText(Path.Combine(group, "rdma.max"), "");
        host.Open("a").Apply(_fourMegabytes with { Rdma = new Dictionary<string, OciRdma> { ["mlx4_0"] = new() { HcaHandles = 2 } } });
        Assert.StartsWith("4194304", File.ReadAllText(Path.Combine(group, $"hugetlb.{PageSize}.max")), StringComparison.Ordinal);
        Assert.StartsWith("mlx4_0 hca_handle=2", File.ReadAllText(Path.Combine(group, "rdma.max")), StringComparison.Ordinal);

        SyscallException refused = Assert.Throws<SyscallException>(() => host.Open("a").Apply(new OciResources { Memory = new OciMemory { Limit = 1 << 20 } }));
        Assert.Equal(Errno.ENODEV, refused.Errno);
        Assert.Contains("cgroup controller memory, which is in the unified hierarchy here, beside v1's", refused.Message, StringComparison.Ordinal);
    }
}
