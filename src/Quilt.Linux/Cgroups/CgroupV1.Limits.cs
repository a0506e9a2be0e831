using System.Globalization;
using System.Text;
using Quilt.Oci;

namespace Quilt.Linux;

internal sealed partial class CgroupV1
{
    public void Apply(OciResources resources)
    {
        ApplyDevices(resources.Devices);
        ApplyMemory(resources.Memory);
        ApplyCpu(resources.Cpu);
        if (resources.Pids is { Limit: var pids } && pids != 0)
        {
            CgroupFiles.Write(Require("pids"), "pids.max", pids < 0 ? "max" : pids.ToString(CultureInfo.InvariantCulture));
        }

        if (resources.BlockIo?.Weight is { } weight and > 0)
        {
            CgroupFiles.Write(Require("blkio"), "blkio.weight", weight);
        }

        ApplyWeights(resources.BlockIo);
        ApplyThrottles(resources.BlockIo);
        foreach (OciHugepageLimit page in resources.HugepageLimits)
        {
            CgroupFiles.Write(Require("hugetlb"), $"hugetlb.{page.PageSize}.limit_in_bytes", page.Limit.ToString(CultureInfo.InvariantCulture));
        }

        if (resources.Network?.ClassId is { } classId)
        {
            CgroupFiles.Write(Require("net_cls"), "net_cls.classid", classId);
        }

        foreach ((string device, OciRdma limit) in resources.Rdma)
        {
            CgroupFiles.Write(Require("rdma"), "rdma.max", CgroupConversions.Rdma(device, limit));
        }

        if (resources.Unified.Count > 0)
        {
            // Files of v2, which this host does not have.
            throw new SyscallException("open", resources.Unified.Keys.First(), Errno.EOPNOTSUPP);
        }

        foreach (OciInterfacePriority priority in resources.Network?.Priorities ?? [])
        {
            CgroupFiles.Write(Require("net_prio"), "net_prio.ifpriomap", $"{priority.Name} {priority.Priority}");
        }
    }

    private void ApplyDevices(IReadOnlyList<OciDeviceRule> rules)
    {
        if (rules.Count == 0)
        {
            return;
        }

        string folder = Require("devices");
        using FileDescriptor allow = Sys.Open(folder + "/devices.allow", OpenMode.WriteOnly), deny = Sys.Open(folder + "/devices.deny", OpenMode.WriteOnly);
        foreach (OciDeviceRule rule in rules)
        {
            string text = string.Create(CultureInfo.InvariantCulture,
                $"{rule.Type ?? "a"} {Number(rule.Major)}:{Number(rule.Minor)} {(string.IsNullOrEmpty(rule.Access) ? "rwm" : rule.Access)}");
            Sys.Write(rule.Allow ? allow : deny, Encoding.UTF8.GetBytes(text), rule.Allow ? "devices.allow" : "devices.deny");
        }

        static string Number(long? number) => number is null or < 0 ? "*" : number.Value.ToString(CultureInfo.InvariantCulture);
    }

    private void ApplyMemory(OciMemory? memory)
    {
        if (memory is null)
        {
            return;
        }

        string folder = Require("memory");
        long limit = memory.Limit ?? 0, swap = memory.Swap ?? 0;

        // memory+swap must never be below memory: raise the outer one first, lower the inner one first.
        bool swapFirst = swap != 0 && (swap < 0 || (ulong)swap > CgroupFiles.ReadNumber(folder, "memory.limit_in_bytes"));
        if (swapFirst)
        {
            SetSwap();
        }

        if (limit != 0)
        {
            CgroupFiles.Write(folder, "memory.limit_in_bytes", limit);
        }

        if (!swapFirst && swap != 0)
        {
            SetSwap();
        }

        if (memory.Reservation is { } reservation && reservation != 0)
        {
            CgroupFiles.Write(folder, "memory.soft_limit_in_bytes", reservation);
        }

        if (memory.Swappiness is { } swappiness)
        {
            CgroupFiles.Write(folder, "memory.swappiness", (long)swappiness);
        }

        if (memory.DisableOomKiller == true)
        {
            CgroupFiles.Write(folder, "memory.oom_control", 1);
        }

        void SetSwap()
        {
            // A kernel without swap accounting has no such file, and nothing to limit.
            if (File.Exists(folder + "/memory.memsw.limit_in_bytes"))
            {
                CgroupFiles.Write(folder, "memory.memsw.limit_in_bytes", swap);
            }
        }
    }

    private void ApplyCpu(OciCpu? cpu)
    {
        if (cpu is null)
        {
            return;
        }

        if (cpu.Shares is { } shares and > 0)
        {
            CgroupFiles.Write(Require("cpu"), "cpu.shares", (long)shares);
        }

        if (cpu.Period is { } period and > 0)
        {
            CgroupFiles.Write(Require("cpu"), "cpu.cfs_period_us", (long)period);
        }

        if (cpu.Quota is { } quota && quota != 0)
        {
            CgroupFiles.Write(Require("cpu"), "cpu.cfs_quota_us", quota);
        }

        if (cpu.Burst is { } burst)
        {
            CgroupFiles.Write(Require("cpu"), "cpu.cfs_burst_us", (long)burst);
        }

        if (cpu.RealtimePeriod is { } realtimePeriod and > 0)
        {
            CgroupFiles.Write(Require("cpu"), "cpu.rt_period_us", (long)realtimePeriod);
        }

        if (cpu.RealtimeRuntime is { } realtimeRuntime && realtimeRuntime != 0)
        {
            CgroupFiles.Write(Require("cpu"), "cpu.rt_runtime_us", realtimeRuntime);
        }

        if (cpu.Idle is { } idle)
        {
            CgroupFiles.Write(Require("cpu"), "cpu.idle", idle);
        }

        if (!string.IsNullOrEmpty(cpu.Cpus))
        {
            CgroupFiles.Write(Require("cpuset"), "cpuset.cpus", cpu.Cpus);
        }

        if (!string.IsNullOrEmpty(cpu.Mems))
        {
            CgroupFiles.Write(Require("cpuset"), "cpuset.mems", cpu.Mems);
        }
    }

    private void ApplyWeights(OciBlockIo? io)
    {
        if (io?.LeafWeight is { } leaf and > 0)
        {
            CgroupFiles.Write(Require("blkio"), "blkio.leaf_weight", leaf);
        }

        foreach (OciWeightDevice device in io?.WeightDevice ?? [])
        {
            if (device.Weight is { } weight)
            {
                CgroupFiles.Write(Require("blkio"), "blkio.weight_device", $"{device.Major}:{device.Minor} {weight}");
            }

            if (device.LeafWeight is { } own)
            {
                CgroupFiles.Write(Require("blkio"), "blkio.leaf_weight_device", $"{device.Major}:{device.Minor} {own}");
            }
        }
    }

    private void ApplyThrottles(OciBlockIo? io)
    {
        if (io is null)
        {
            return;
        }

        foreach ((string file, IReadOnlyList<OciThrottleDevice> devices) in (ReadOnlySpan<(string, IReadOnlyList<OciThrottleDevice>)>)[
            ("blkio.throttle.read_bps_device", io.ThrottleReadBpsDevice),
            ("blkio.throttle.write_bps_device", io.ThrottleWriteBpsDevice),
            ("blkio.throttle.read_iops_device", io.ThrottleReadIopsDevice),
            ("blkio.throttle.write_iops_device", io.ThrottleWriteIopsDevice)])
        {
            foreach (OciThrottleDevice device in devices)
            {
                CgroupFiles.Write(Require("blkio"), file, $"{device.Major}:{device.Minor} {device.Rate}");
            }
        }
    }
}
