namespace Quilt.Linux.Tests.Host;

public class HostProbeTests
{
    [Theory]
    [InlineData("6.1.0-18-amd64", 6, 1, 0)]
    [InlineData("5.19", 5, 19, 0)]
    [InlineData("6.18.44-fc-v669", 6, 18, 44)]
    [InlineData("6.7-rc1", 6, 7, 0)]
    [InlineData("4.4.302+\n", 4, 4, 302)]
    public void Releases_are_understood(string release, int major, int minor, int patch) =>
        Assert.Equal(new KernelVersion(major, minor, patch), KernelVersion.TryParse(release));

    [Theory]
    [InlineData("")]
    [InlineData("linux")]
    [InlineData("6")]
    [InlineData("6.x")]
    public void What_is_no_release_is_null(string release) => Assert.Null(KernelVersion.TryParse(release));

    [Fact]
    public void Every_finding_that_is_not_good_has_a_remedy_and_the_others_none()
    {
        Assert.True(HostProbe.Kernel(new KernelVersion(5, 19, 0)).IsGood);
        HostFinding old = HostProbe.Kernel(new KernelVersion(5, 10, 200));
        Assert.Equal(("Linux 5.10.200", false), (old.Found, old.IsGood));
        Assert.Contains("5.19", old.Remedy, StringComparison.Ordinal);
        HostFinding bare = HostProbe.Filesystems("nodev\ttmpfs\nnodev\tproc\n\text4\n", "");
        Assert.Contains("modprobe overlay", bare.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("tmpfs", bare.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_system_that_the_kernel_loads_when_it_is_wanted_is_not_missing() =>
        Assert.True(HostProbe.Filesystems(
            "nodev\tproc\nnodev\tsysfs\nnodev\ttmpfs\nnodev\tdevpts\nnodev\tmqueue\n", "kernel/fs/overlayfs/overlay.ko.xz:\n").IsGood);

    [Fact]
    public void This_machine_is_looked_at_in_every_respect() =>
        Assert.Equal(["kernel", "user namespaces", "seccomp", "file systems", "cgroups", "nft"], HostProbe.Look().Select(f => f.Name));
}
