namespace Quilt.Linux.Tests.Cgroups;

public class CgroupConversionsTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(1024, 39)]
    [InlineData(262_144, 10_000)]
    [InlineData(ulong.MaxValue, 10_000)]
    public void Shares_become_a_weight_that_the_kernel_takes(ulong shares, long weight) => Assert.Equal(weight, CgroupConversions.CpuWeight(shares));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(500, 4950)]
    [InlineData(1000, 10_000)]
    [InlineData(ushort.MaxValue, 10_000)]
    public void A_block_weight_becomes_one_that_the_kernel_takes(ushort v1, long weight) => Assert.Equal(weight, CgroupConversions.IoWeight(v1));

    [Theory]
    [InlineData(300, 100, 200L)]
    [InlineData(100, 100, 0L)]
    [InlineData(-1, 100, null)]
    [InlineData(-1, -1, null)]
    public void Swap_is_what_the_sum_leaves_beside_the_memory(long sum, long memory, long? swap) =>
        Assert.Equal(swap, CgroupConversions.SwapAlone(sum, memory));

    [Theory]
    [InlineData(99, 100)]
    [InlineData(300, -1)]
    public void A_sum_below_the_memory_or_without_one_is_refused(long sum, long memory) =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<SyscallException>(() => CgroupConversions.SwapAlone(sum, memory)).Errno);
}
