namespace Quilt.Linux.Tests.Cgroups;

/// <summary>What the kernel's files say in both designs, here without a kernel: also what this machine has not mounted.</summary>
public sealed class LimitChangeTests
{
    [Theory]
    [InlineData("memory.max", "67108864", "max\n", "max")]
    [InlineData("cpu.max", "50000 100000", "max 100000\n", "max 100000")]
    [InlineData("cpuset.cpus", "0", "\n", "\n")]
    [InlineData("io.weight", "200", "default 100\n8:0 50\n", "default 100")]
    [InlineData("io.weight", "8:0 200", "default 100\n8:0 50\n", "8:0 50")]
    [InlineData("io.weight", "8:16 200", "default 100\n8:0 50\n", "8:16 default")]
    [InlineData("io.max", "8:16 rbps=1000", "8:16 rbps=max wbps=max riops=120 wiops=max\n", "8:16 rbps=max wbps=max riops=120 wiops=max")]
    [InlineData("io.max", "8:0 rbps=1000", "8:16 rbps=max wbps=max riops=120 wiops=max\n", "8:0 rbps=max wbps=max riops=max wiops=max")]
    [InlineData("blkio.throttle.read_bps_device", "8:0 1000", "", "8:0 0")]
    [InlineData("blkio.throttle.read_bps_device", "8:0 1000", "8:0 500\n", "8:0 500")]
    public void What_was_before_is_written_as_the_file_takes_it(string file, string value, string now, string before) =>
        Assert.Equal(before, LimitChange.ValueBefore(file, value, now));

    [Theory]
    [InlineData("memory.max", "67108864", "67108864\n", true)]
    [InlineData("memory.max", "67108865", "67108864\n", true)] // whole pages
    [InlineData("memory.max", "67108864", "134217728\n", false)]
    [InlineData("memory.max", "67108864", "max\n", false)]
    [InlineData("memory.max", "max", "max\n", true)]
    [InlineData("memory.limit_in_bytes", "-1", "9223372036854771712\n", true)]
    [InlineData("pids.max", "10", "10\n", true)]
    [InlineData("pids.max", "10", "9\n", false)]
    [InlineData("cpu.cfs_quota_us", "-1", "-1\n", true)]
    [InlineData("cpu.max", "50000 100000", "50000 100000\n", true)]
    [InlineData("cpu.max", "50000 100000", "max 100000\n", false)]
    [InlineData("cpuset.cpus", "0,1,2", "0-2\n", true)]
    [InlineData("cpuset.cpus", "0-3", "0-2\n", false)]
    [InlineData("cpuset.cpus", "\n", "\n", true)]
    [InlineData("io.weight", "200", "default 200\n8:0 50\n", true)]
    [InlineData("io.weight", "200", "default 100\n", false)]
    [InlineData("io.max", "8:0 rbps=1000", "8:0 rbps=1000 wbps=max riops=max wiops=max\n", true)]
    [InlineData("io.max", "8:0 rbps=1000", "8:1 rbps=1000 wbps=max riops=max wiops=max\n", false)]
    [InlineData("io.max", "8:0 rbps=max", "", true)]
    [InlineData("blkio.throttle.write_iops_device", "8:0 0", "", true)]
    [InlineData("blkio.throttle.write_iops_device", "8:0 20", "", false)]
    [InlineData("hugetlb.2MB.max", "5000000", "4194304\n", true)]
    [InlineData("memory.oom_control", "1", "oom_kill_disable 1\nunder_oom 0\noom_kill 0\n", true)]
    [InlineData("memory.oom_control", "1", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", false)]
    [InlineData("memory.low", "10M", "10485760\n", true)]
    public void What_was_written_is_known_in_the_kernels_own_words(string file, string value, string now, bool holds) =>
        Assert.Equal(holds, LimitChange.Holds(file, value, now));

    [Fact]
    public void A_cpuset_of_all_there_are_is_as_an_empty_one()
    {
        Assert.True(LimitChange.Holds("cpuset.cpus", "\n", CpuList.Possible() + "\n")); // where the kernel empties none
        Assert.False(LimitChange.Holds("cpuset.cpus", "\n", "8191\n"));
        Assert.True(LimitChange.Holds("cpuset.mems", "\n", CpuList.PossibleNodes() + "\n"));
    }

    [Theory]
    [InlineData("0-3,8", new[] { 0, 1, 2, 3, 8 })]
    [InlineData("2, 1,1", new[] { 1, 2 })]
    [InlineData("", new int[0])]
    [InlineData("3-1", null)]
    [InlineData("0-", null)]
    [InlineData("-1", null)]
    [InlineData("0-1-2", null)]
    [InlineData("99999999999", null)]
    [InlineData("all", null)]
    public void A_list_of_cpus_is_read_or_none(string text, int[]? cpus) => Assert.Equal(cpus, CpuList.TryParse(text));

    [Fact]
    public void Counters_of_links_are_summed_without_the_loopback()
    {
        const string text =
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:  999       9    0    0    0     0          0         0      999       9    0    0    0     0       0          0
              eth0: 1200      10    0    0    0     0          0         0      340       4    0    0    0     0       0          0
              eth1:   30       1    0    0    0     0          0         0        5       1    0    0    0     0       0          0
            """;
        Assert.Equal(new NetworkCounters(1230, 345, 11, 5), NetworkCounters.Read(text));
        Assert.Equal(default, NetworkCounters.Read("nonsense: 1 2"));
    }

    [Fact]
    public void Pressure_is_read_as_the_kernel_writes_it()
    {
        Assert.Equal(
            new StallMeter(1.5, 0.25, 2127788, 1040792),
            StallMeter.Read("some avg10=1.50 avg60=0.00 avg300=0.00 total=2127788\nfull avg10=0.25 avg60=0.00 avg300=0.00 total=1040792\n"));
        Assert.Equal(default, StallMeter.Read(""));
    }
}
