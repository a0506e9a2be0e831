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

    [Theory]
    [InlineData(null, true, true, "without mkfs.ext4", "e2fsprogs")]
    [InlineData("/sbin/mkfs.ext4", false, true, "without loop devices (/dev/loop-control)", "modprobe loop")]
    [InlineData("/sbin/mkfs.ext4", true, false, "without ext4", "modprobe ext4")]
    [InlineData("/sbin/mkfs.ext4", true, true, "/sbin/mkfs.ext4, loop devices, ext4", null)]
    public void What_a_limit_of_disk_lacks_is_named_with_its_remedy(string? mkfs, bool loop, bool ext4, string found, string? remedy)
    {
        HostFinding finding = HostProbe.DiskLimits(mkfs, loop, ext4);
        Assert.Equal((found, false), (finding.Found, finding.IsNeeded));
        Assert.Contains(remedy ?? "", finding.Remedy ?? "", StringComparison.Ordinal);
        Assert.Equal(remedy is null, finding.IsGood);
    }

    [Fact]
    public void What_criu_says_of_itself_is_told_and_that_we_do_without()
    {
        Assert.Equal("/usr/sbin/criu works on this kernel", CheckpointProbe.Told("/usr/sbin/criu", 0, "Looks good.\n"));
        Assert.Equal("/usr/sbin/criu does not work here: Error (criu/vdso.c:381): vdso: bad", CheckpointProbe.Told("/usr/sbin/criu", 1, "Error (criu/vdso.c:381): vdso: bad\nError: more\n"));
        Assert.Contains("not kept by Quilt", CheckpointProbe.Finding("no criu is installed").Found, StringComparison.Ordinal);
    }

    [Fact]
    public void This_machine_is_looked_at_in_every_respect() =>
        Assert.Equal(["kernel", "user namespaces", "seccomp", "file systems", "cgroups", "nft", "disk limits", "memory of processes"], HostProbe.Look().Select(f => f.Name));
}
