using System.Globalization;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.OciRuntime.Systemd.DBus;

namespace Quilt.OciRuntime.Systemd;

/// <summary>
/// A container's limits as properties of its scope. The groups' files have them all; systemd is told as well because it writes
/// those that it knows of again when it is reloaded, and would take them for unlimited.
/// </summary>
/// <seealso href="https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html"/>
internal sealed class ScopeProperties
{
    private const ulong Unlimited = ulong.MaxValue;
    private readonly List<(string Name, PropertyValue Value)> _all = [];

    private ScopeProperties()
    {
    }

    /// <param name="mode">With v1 controllers, systemd has other names for some and none for others.</param>
    /// <param name="now">The processor time that the group has.</param>
    internal static IReadOnlyList<(string Name, PropertyValue Value)> Of(OciResources resources, CgroupMode mode, (long Quota, ulong Period) now)
    {
        ScopeProperties properties = new();
        bool unified = mode == CgroupMode.V2;
        properties.AddMemory(resources.Memory, unified);
        properties.AddCpu(resources.Cpu, unified, now);
        if (resources.Pids is { Limit: var pids } && pids != 0)
        {
            properties.Add("TasksMax", Limit(pids));
        }

        if (resources.BlockIo?.Weight is { } weight and > 0)
        {
            properties.Add(unified ? "IOWeight" : "BlockIOWeight", unified ? (ulong)CgroupConversions.IoWeight(weight) : weight);
        }

        foreach ((string file, string value) in resources.Unified)
        {
            properties.AddFile(file, value.Trim());
        }

        return properties._all;
    }

    private void Add(string name, ulong value) => _all.Add((name, new PropertyValue.Number(value)));

    private void Add(string name, PropertyValue value) => _all.Add((name, value));

    private void AddMemory(OciMemory? memory, bool unified)
    {
        if (memory?.Limit is { } limit && limit != 0)
        {
            Add("MemoryMax", Limit(limit));

            // Without the memory's limit beside it, what is left for swap alone is not known.
            if (unified && memory.Swap is { } swap && swap != 0)
            {
                Add("MemorySwapMax", Limit(CgroupConversions.SwapAlone(swap, limit) ?? -1));
            }
        }

        if (unified && memory?.Reservation is { } low && low != 0)
        {
            Add("MemoryLow", Limit(low));
        }
    }

    private void AddCpu(OciCpu? cpu, bool unified, (long Quota, ulong Period) now)
    {
        if (cpu?.Shares is { } shares and > 0)
        {
            Add(unified ? "CPUWeight" : "CPUShares", unified ? (ulong)CgroupConversions.CpuWeight(shares) : shares);
        }

        if (cpu?.Quota is not (null or 0) || cpu?.Period is > 0)
        {
            (long quota, ulong period) = cpu.QuotaOr(now);
            AddQuota(quota, cpu.Period is > 0 || now.Period != ICgroup.NoCpuQuota.Period ? period : null);
        }

        if (unified && !string.IsNullOrEmpty(cpu?.Cpus))
        {
            Add("AllowedCPUs", new PropertyValue.Bytes(CpuMask.Of(cpu.Cpus)));
        }

        if (unified && !string.IsNullOrEmpty(cpu?.Mems))
        {
            Add("AllowedMemoryNodes", new PropertyValue.Bytes(CpuMask.Of(cpu.Mems)));
        }
    }

    /// <summary>Rounded up to whole percents of a processor: systemd keeps no finer ones over a reload and would cut them off.</summary>
    private void AddQuota(long quotaMicros, ulong? periodMicros)
    {
        const ulong second = 1_000_000, percent = second / 100, usualPeriod = 100_000;
        if (periodMicros is { } period and > 0)
        {
            Add("CPUQuotaPeriodUSec", period);
        }

        UInt128 perSecond = quotaMicros > 0 ? (UInt128)quotaMicros * second / (periodMicros is > 0 ? periodMicros.Value : usualPeriod) : 0;
        Add("CPUQuotaPerSecUSec", quotaMicros > 0 ? (ulong)UInt128.Min((perSecond + percent - 1) / percent * percent, Unlimited) : Unlimited);
    }

    /// <summary>A file by its name, which is v2's (v1 refuses it later), where systemd has a property for it and the value is a plain one.</summary>
    private void AddFile(string file, string value)
    {
        string? number = file switch
        {
            "memory.min" => "MemoryMin",
            "memory.low" => "MemoryLow",
            "memory.high" => "MemoryHigh",
            "memory.max" => "MemoryMax",
            "memory.swap.max" => "MemorySwapMax",
            "pids.max" => "TasksMax",
            "cpu.weight" => "CPUWeight",
            _ => null,
        };
        if (number is not null && TryParse(value) is { } parsed)
        {
            Add(number, parsed);
        }

        string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (file)
        {
            case "cpu.max" when words.Length is 1 or 2 && TryParse(words[0]) is { } quota:
                AddQuota(quota is Unlimited ? -1 : (long)Math.Min(quota, long.MaxValue), words.Length == 2 ? TryParse(words[1]) : null);
                break;
            case "cpuset.cpus" when value.Length > 0:
                Add("AllowedCPUs", new PropertyValue.Bytes(CpuMask.Of(value)));
                break;
            case "cpuset.mems" when value.Length > 0:
                Add("AllowedMemoryNodes", new PropertyValue.Bytes(CpuMask.Of(value)));
                break;
        }
    }

    private static ulong Limit(long value) => value < 0 ? Unlimited : (ulong)value;

    private static ulong? TryParse(string value) =>
        value == "max" ? Unlimited : ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;
}
