using System.Globalization;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.OciRuntime.Systemd;
using Quilt.OciRuntime.Systemd.DBus;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>What systemd is asked for: a scope's name, its group, and a container's limits as its properties.</summary>
public sealed class ScopeTests
{
    [Theory]
    [InlineData(null, "system.slice", "quilt-web.scope", "system.slice/quilt-web.scope")]
    [InlineData("", "system.slice", "quilt-web.scope", "system.slice/quilt-web.scope")]
    [InlineData("machine.slice:libpod:1234", "machine.slice", "libpod-1234.scope", "machine.slice/libpod-1234.scope")]
    [InlineData("a-b-c.slice:p:n", "a-b-c.slice", "p-n.scope", "a.slice/a-b.slice/a-b-c.slice/p-n.scope")]
    [InlineData("::n", "system.slice", "n.scope", "system.slice/n.scope")]
    [InlineData("-.slice:p:n", "-.slice", "p-n.scope", "p-n.scope")]
    public void A_path_names_a_slice_and_a_scope(string? path, string slice, string unit, string group)
    {
        ScopeName name = ScopeName.Parse(path, "web");
        Assert.Equal((slice, unit, group), (name.Slice, name.Unit, name.GroupPath));
    }

    [Theory]
    [InlineData("machine.slice/web")]
    [InlineData("machine.slice:web")]
    [InlineData("machine.slice:p:")]
    [InlineData("machine.slice:p:n:more")]
    [InlineData("machine:p:n")]
    [InlineData(".slice:p:n")]
    [InlineData("a--b.slice:p:n")]
    [InlineData("-a.slice:p:n")]
    [InlineData("a-.slice:p:n")]
    [InlineData("a/b.slice:p:n")]
    [InlineData("../b.slice:p:n")]
    [InlineData("machine.slice:p:a/b")]
    [InlineData("machine.slice::../n")]
    [InlineData("machine.slice:p:n@1")]
    [InlineData("machine.slice:p:n m")]
    [InlineData("machine.slice:p:n\n")]
    public void What_systemd_could_not_name_is_refused(string path)
    {
        QuiltException e = Assert.Throws<QuiltException>(() => ScopeName.Parse(path, "web"));
        Assert.Equal("linux.cgroupsPath", e.Field);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public void A_name_is_as_long_as_systemd_takes_it()
    {
        Assert.Equal(255, ScopeName.Parse($"::{new string('n', 249)}", "web").Unit.Length);
        Assert.Throws<QuiltException>(() => ScopeName.Parse($"::{new string('n', 250)}", "web"));
    }

    [Fact]
    public void Limits_that_are_not_given_are_not_mentioned() => Assert.Empty(ScopeProperties.Of(new OciResources(), CgroupMode.V2, ICgroup.NoCpuQuota));

    [Fact]
    public void Limits_become_properties()
    {
        OciResources resources = new()
        {
            Memory = new OciMemory { Limit = 64 << 20, Swap = 96 << 20, Reservation = 32 << 20 },
            Cpu = new OciCpu { Shares = 262144, Quota = 50000, Period = 100000, Cpus = "0-2,9", Mems = "0" },
            Pids = new OciPids(100),
            BlockIo = new OciBlockIo { Weight = 1000 },
        };
        Assert.Equal(
            ["MemoryMax=67108864", "MemorySwapMax=33554432", "MemoryLow=33554432", "CPUWeight=10000", "CPUQuotaPeriodUSec=100000", "CPUQuotaPerSecUSec=500000", "AllowedCPUs=07-02", "AllowedMemoryNodes=01", "TasksMax=100", "IOWeight=10000"],
            Texts(resources, CgroupMode.V2));
        Assert.Equal(
            ["MemoryMax=67108864", "CPUShares=262144", "CPUQuotaPeriodUSec=100000", "CPUQuotaPerSecUSec=500000", "TasksMax=100", "BlockIOWeight=1000"],
            Texts(resources, CgroupMode.Hybrid));
    }

    [Fact]
    public void No_limit_is_systemds_infinity()
    {
        OciResources resources = new() { Memory = new OciMemory { Limit = -1, Swap = -1 }, Cpu = new OciCpu { Quota = -1 }, Pids = new OciPids(-1) };
        Assert.All(ScopeProperties.Of(resources, CgroupMode.V2, ICgroup.NoCpuQuota), p => Assert.Equal(new PropertyValue.Number(ulong.MaxValue), p.Value));
    }

    [Theory]
    [InlineData(12345, 100000UL, 130000UL)] // 12.3 percent
    [InlineData(10000, 100000UL, 100000UL)]
    [InlineData(1, 1000000UL, 10000UL)]
    [InlineData(200000, null, 2000000UL)]
    [InlineData(long.MaxValue, 1UL, ulong.MaxValue)]
    public void A_quota_is_rounded_up_to_what_systemd_keeps(long quota, ulong? period, ulong expected)
    {
        OciResources resources = new() { Cpu = new OciCpu { Quota = quota, Period = period } };
        Assert.Contains(("CPUQuotaPerSecUSec", new PropertyValue.Number(expected)), ScopeProperties.Of(resources, CgroupMode.V2, ICgroup.NoCpuQuota));
    }

    [Fact]
    public void Of_a_quota_and_its_period_the_one_that_is_not_given_is_the_groups()
    {
        (long, ulong) now = (20000, 50000);
        (string, PropertyValue)[] Of(OciCpu cpu) => [.. ScopeProperties.Of(new OciResources { Cpu = cpu }, CgroupMode.V2, now)];
        Assert.Equal([("CPUQuotaPeriodUSec", new PropertyValue.Number(100000)), ("CPUQuotaPerSecUSec", new PropertyValue.Number(200000))], Of(new OciCpu { Period = 100000 }));
        Assert.Equal([("CPUQuotaPeriodUSec", new PropertyValue.Number(50000)), ("CPUQuotaPerSecUSec", new PropertyValue.Number(800000))], Of(new OciCpu { Quota = 40000 }));
        Assert.Empty(Of(new OciCpu { Quota = 0 }));
    }

    [Fact]
    public void Swap_alone_is_not_known_without_the_memorys_limit() =>
        Assert.Empty(ScopeProperties.Of(new OciResources { Memory = new OciMemory { Swap = 64 << 20 } }, CgroupMode.V2, ICgroup.NoCpuQuota));

    [Fact]
    public void Files_that_systemd_has_a_property_for_are_told_too()
    {
        OciResources resources = new()
        {
            Unified = new Dictionary<string, string>
            {
                ["memory.high"] = "1048576\n", ["memory.max"] = "max", ["cpu.max"] = "20000 50000", ["cpuset.cpus"] = "8", ["memory.low"] = "1G", ["hugetlb.2MB.max"] = "0",
            },
        };
        Assert.Equal(
            ["MemoryHigh=1048576", "MemoryMax=18446744073709551615", "CPUQuotaPeriodUSec=50000", "CPUQuotaPerSecUSec=400000", "AllowedCPUs=00-01"],
            Texts(resources, CgroupMode.V2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("3-1")]
    [InlineData("0-")]
    [InlineData("0-1-2")]
    [InlineData("0,")]
    [InlineData("8192")]
    [InlineData("-1")]
    public void A_list_of_processors_that_is_none_is_refused(string list) => Assert.Throws<QuiltException>(() => CpuMask.Of(list));

    private static IEnumerable<string> Texts(OciResources resources, CgroupMode mode) => ScopeProperties.Of(resources, mode, ICgroup.NoCpuQuota)
        .Select(p => $"{p.Name}={(p.Value is PropertyValue.Bytes mask ? BitConverter.ToString(mask.Values) : Assert.IsType<PropertyValue.Number>(p.Value).Value.ToString(CultureInfo.InvariantCulture))}");
}
