using Quilt.Linux;
using Quilt.Oci;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>Settings that few configurations have: each is obeyed, or refused by name where the host has nothing to obey it with.</summary>
public sealed class UncommonSettingsTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private static bool HasAppArmor => File.Exists("/sys/module/apparmor/parameters/enabled") && File.ReadAllText("/sys/module/apparmor/parameters/enabled").StartsWith('Y');

    /// <summary>mountinfo lists by the age of a mount since Linux 6.8, and a bind mount's is made first; what covers what tells the order.</summary>
    [Fact]
    public void Mounts_are_attached_in_the_order_of_the_list()
    {
        (int code, string output) = Runtime.RunContainer("ls -A /v; ls -A /v/b", s => s with
        {
            Mounts =
            [
                .. s.Mounts,
                new OciMount("/v") { Source = Path.Combine(Runtime.Layer, "etc"), Options = ["bind"] },
                new OciMount("/v") { Type = "tmpfs" },
                new OciMount("/v/b") { Source = Runtime.Layer, Options = ["bind"] },
                new OciMount("/v/b/etc") { Type = "tmpfs" },
                new OciMount("/v/b") { Source = Path.Combine(Runtime.Layer, "etc"), Options = ["bind"] },
            ],
        });
        Assert.Equal((0, "b\nscript\n"), (code, output));
    }

    [Fact]
    public void A_group_that_is_to_run_when_nobody_else_does_is_set_so()
    {
        using RunningContainer container = Runtime.Start(s => s with { Linux = s.Linux! with { Resources = s.Linux.Resources! with { Cpu = new OciCpu { Idle = 1 } } } });
        CgroupHierarchy hierarchy = CgroupHierarchy.OfHost().First(h => h.Controllers.Contains("cpu") || (h.IsUnified && CgroupHost.OfThisMachine().Mode == CgroupMode.V2));
        Assert.Equal("1\n", File.ReadAllText($"{hierarchy.MountPoint}/{OciRuntimeFixture.Group}/{container.Id}/cpu.idle"));
    }

    [Fact]
    public void Files_of_cgroup_v2_are_refused_where_there_is_v1()
    {
        Assert.SkipWhen(CgroupHost.OfThisMachine().Mode == CgroupMode.V2, "they are there");
        Refused("memory.high", s => s with { Linux = s.Linux! with { Resources = new OciResources { Unified = new Dictionary<string, string> { ["memory.high"] = "1000000" } } } });
    }

    [Fact]
    public void An_RDMA_device_or_a_weight_that_the_host_does_not_have_is_an_error()
    {
        Refused("rdma", s => s with { Linux = s.Linux! with { Resources = new OciResources { Rdma = new Dictionary<string, OciRdma> { ["none0"] = new() { HcaHandles = 1 } } } } });
        Refused("weight", s => s with { Linux = s.Linux! with { Resources = new OciResources { BlockIo = new OciBlockIo { WeightDevice = [new OciWeightDevice(0, 0) { Weight = 10 }] } } } });
    }

    [Fact]
    public void A_profile_of_AppArmor_is_refused_where_that_is_not_active()
    {
        Assert.SkipWhen(HasAppArmor, "it is");
        Refused("AppArmor is not active", s => s with { Process = s.Process! with { ApparmorProfile = "unconfined" } });
    }

    [Fact]
    public void With_AppArmor_a_process_runs_under_its_profile_and_an_unknown_one_is_an_error()
    {
        Assert.SkipUnless(HasAppArmor, "it is not active");
        Assert.Equal((0, "unconfined\n"), Runtime.RunContainer("cat /proc/self/attr/current", s => s with { Process = s.Process! with { ApparmorProfile = "unconfined" } }));
        Refused("lsm_label", s => s with { Process = s.Process! with { ApparmorProfile = "quilt-no-such-profile" } });
    }

    [Fact]
    public void A_label_of_SELinux_is_refused_where_that_is_not_active()
    {
        Assert.SkipWhen(File.Exists("/sys/fs/selinux/enforce"), "it is");
        Refused("SELinux is not active", s => s with { Process = s.Process! with { SelinuxLabel = "system_u:system_r:container_t:s0" } });
    }

    [Fact]
    public void Labels_of_two_security_modules_at_once_are_refused() =>
        Refused("process.selinuxLabel", s => s with { Process = s.Process! with { SelinuxLabel = "a", ApparmorProfile = "b" } });

    /// <summary>Files have no context there that a mount could set; engines give the label all the same.</summary>
    [Fact]
    public void A_mount_label_means_nothing_where_SELinux_is_not_active()
    {
        Assert.SkipWhen(File.Exists("/sys/fs/selinux/enforce"), "it is");
        Assert.Equal((0, ""), Runtime.RunContainer(["true"], s => s with { Linux = s.Linux! with { MountLabel = "system_u:object_r:container_file_t:s0" } }));
    }

    private void Refused(string named, Func<OciSpec, OciSpec> change)
    {
        (int code, string output) = Runtime.RunContainer(["true"], change);
        Assert.Equal(1, code);
        Assert.Contains(named, output, StringComparison.Ordinal);
    }
}
