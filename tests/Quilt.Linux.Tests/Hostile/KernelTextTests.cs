using Quilt.Fuzzing;

namespace Quilt.Linux.Tests.Hostile;

/// <summary>What the kernel shows as text, parts of which those in a container choose: names of commands, of mounts, of links.</summary>
public sealed class KernelTextTests
{
    [Fact]
    public void A_process_status_is_read_or_none() => Fuzz.Run(Mutated.Text("7 (a b) c) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0\n"), text =>
        Fuzz.Bounded(() => _ = ProcessStat.TryParse(text)));

    [Fact]
    public void Mounts_and_hierarchies_are_read_or_none() => Fuzz.Run(
        Mutated.Text("36 35 98:0 / /sys/fs/cgroup/cpu rw,noatime shared:1 master:2 - cgroup cgroup rw,cpu,cpuacct\n", "37 35 0:5 /a\\040b /m\\134 rw - ext4 /dev/sda rw\n", "38 35 0:6 / /sys/fs/cgroup rw - cgroup2 none rw\n"),
        text => Fuzz.Bounded(() =>
        {
            _ = text.Split('\n').Select(MountInfoEntry.TryParse).Count(m => m?.IsShared ?? false);
            Assert.All(CgroupHierarchy.Parse(text.Split('\n')), h => Assert.StartsWith("/sys/fs/cgroup", h.MountPoint, StringComparison.Ordinal));
        }));

    [Fact]
    public void The_files_of_a_control_group_are_read_or_are_nothing() => Fuzz.Run(
        Mutated.Text("some avg10=1.50 avg60=0.00 avg300=0.00 total=77\nfull avg10=0.10 avg60=0.00 avg300=0.00 total=5\n", "usage_usec 5\nuser_usec 3\n", "8:0 rbytes=1 wbytes=2 rios=3\n"),
        text => Fuzz.Bounded(() => _ = (StallMeter.Read(text), CgroupFiles.KeyOf(text, "usage_usec"), CgroupFiles.SumIn(text, "rbytes="))));

    [Fact]
    public void The_counters_of_links_are_read_or_are_nothing() => Fuzz.Run(
        Mutated.Text("Inter-|   Receive\n face |bytes\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0: 5 6 0 0 0 0 0 0 7 8 0 0 0 0 0 0\n"),
        text => Fuzz.Bounded(() => _ = NetworkCounters.Read(text)));
}
