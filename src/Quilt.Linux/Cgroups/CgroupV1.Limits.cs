using System.Globalization;
using System.Text;
using Quilt.Oci;

namespace Quilt.Linux;

internal sealed partial class CgroupV1
{
    public void Apply(OciResources resources) => Apply(resources, LimitWriter.Plain);

    public Action Change(OciResources resources) => LimitChange.Make(to => Apply(resources, to));

    private void Apply(OciResources resources, LimitWriter to)
    {
        ApplyDevices(resources.Devices);
        ApplyMemory(resources.Memory, to);
        ApplyCpu(resources.Cpu, to);
        if (resources.Pids is { Limit: var pids } && pids != 0)
        {
            to.Write(Require("pids"), "pids.max", pids < 0 ? "max" : pids.ToString(CultureInfo.InvariantCulture));
        }

        if (resources.BlockIo?.Weight is { } weight and > 0)
        {
            to.Write(Require("blkio"), WeightFile, weight);
        }

        ApplyWeights(resources.BlockIo, to);
        ApplyThrottles(resources.BlockIo, to);
        if (resources.HugepageLimits.Count > 0 && Beside("hugetlb") is { } countsPages)
        {
            countsPages.Apply(new OciResources { HugepageLimits = resources.HugepageLimits }, to);
            resources = resources with { HugepageLimits = [] };
        }

        if (resources.Rdma.Count > 0 && Beside("rdma") is { } limitsRdma)
        {
            limitsRdma.Apply(new OciResources { Rdma = resources.Rdma }, to);
            resources = resources with { Rdma = new Dictionary<string, OciRdma>() };
        }

        foreach (OciHugepageLimit page in resources.HugepageLimits)
        {
            to.Write(Require("hugetlb"), $"hugetlb.{page.PageSize}.limit_in_bytes", page.Limit.ToString(CultureInfo.InvariantCulture));
        }

        if (resources.Network?.ClassId is { } classId)
        {
            to.Write(Require("net_cls"), "net_cls.classid", classId);
        }

        foreach ((string device, OciRdma limit) in resources.Rdma)
        {
            to.Write(Require("rdma"), "rdma.max", CgroupConversions.Rdma(device, limit));
        }

        if (resources.Unified.Count > 0)
        {
            // Files of v2, which this host does not have.
            throw new SyscallException("open", resources.Unified.Keys.First(), Errno.EOPNOTSUPP);
        }

        foreach (OciInterfacePriority priority in resources.Network?.Priorities ?? [])
        {
            to.Write(Require("net_prio"), "net_prio.ifpriomap", $"{priority.Name} {priority.Priority}");
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

    private void ApplyMemory(OciMemory? memory, LimitWriter to)
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
            to.Write(folder, "memory.limit_in_bytes", limit);
        }

        if (!swapFirst && swap != 0)
        {
            SetSwap();
        }

        if (memory.Reservation is { } reservation && reservation != 0)
        {
            to.Write(folder, "memory.soft_limit_in_bytes", reservation);
        }

        if (memory.Swappiness is { } swappiness)
        {
            to.Write(folder, "memory.swappiness", (long)swappiness);
        }

        if (memory.DisableOomKiller == true)
        {
            to.Write(folder, "memory.oom_control", 1);
        }

        void SetSwap()
        {
            // A kernel without swap accounting has no such file, and nothing to limit.
            if (File.Exists(folder + "/memory.memsw.limit_in_bytes"))
            {
                to.Write(folder, "memory.memsw.limit_in_bytes", swap);
            }
        }
    }

    private void ApplyCpu(OciCpu? cpu, LimitWriter to)
    {
        if (cpu is null)
        {
            return;
        }

        if (cpu.Shares is { } shares and > 0)
        {
            to.Write(Require("cpu"), "cpu.shares", (long)shares);
        }

        if (cpu.Period is { } period and > 0)
        {
            to.Write(Require("cpu"), "cpu.cfs_period_us", (long)period);
        }

        if (cpu.Quota is { } quota && quota != 0)
        {
            to.Write(Require("cpu"), "cpu.cfs_quota_us", quota);
        }

        if (cpu.Burst is { } burst)
        {
            to.Write(Require("cpu"), "cpu.cfs_burst_us", (long)burst);
        }

        if (cpu.RealtimePeriod is { } realtimePeriod and > 0)
        {
            to.Write(Require("cpu"), "cpu.rt_period_us", (long)realtimePeriod);
        }

        if (cpu.RealtimeRuntime is { } realtimeRuntime && realtimeRuntime != 0)
        {
            to.Write(Require("cpu"), "cpu.rt_runtime_us", realtimeRuntime);
        }

        if (cpu.Idle is { } idle)
        {
            to.Write(Require("cpu"), "cpu.idle", idle);
        }

        if (!string.IsNullOrEmpty(cpu.Cpus))
        {
            to.Write(Require("cpuset"), "cpuset.cpus", cpu.Cpus);
        }

        if (!string.IsNullOrEmpty(cpu.Mems))
        {
            to.Write(Require("cpuset"), "cpuset.mems", cpu.Mems);
        }
    }

    private void ApplyWeights(OciBlockIo? io, LimitWriter to)
    {
        if (io?.LeafWeight is { } leaf and > 0)
        {
            to.Write(Require("blkio"), "blkio.leaf_weight", leaf);
        }

        foreach (OciWeightDevice device in io?.WeightDevice ?? [])
        {
            if (device.Weight is { } weight)
            {
                to.Write(Require("blkio"), WeightFile + "_device", $"{device.Major}:{device.Minor} {weight}");
            }

            if (device.LeafWeight is { } own)
            {
                to.Write(Require("blkio"), "blkio.leaf_weight_device", $"{device.Major}:{device.Minor} {own}");
            }
        }
    }

    /// <summary>Kernels since 5.0 have a weight in v1 where they have the scheduler BFQ.</summary>
    private string WeightFile => File.Exists($"{Require("blkio")}/blkio.weight") ? "blkio.weight" : "blkio.bfq.weight";

    private void ApplyThrottles(OciBlockIo? io, LimitWriter to)
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
                to.Write(Require("blkio"), file, $"{device.Major}:{device.Minor} {device.Rate}");
            }
        }
    }
}
