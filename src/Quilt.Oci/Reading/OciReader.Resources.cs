using System.Text.Json;

namespace Quilt.Oci.Reading;

public static partial class OciReader
{
    private static OciResources Resources(ref Utf8JsonReader json)
    {
        OciDeviceRule[] devices = [];
        OciMemory? memory = null;
        OciCpu? cpu = null;
        OciPids? pids = null;
        OciBlockIo? blockIo = null;
        OciHugepageLimit[] hugepages = [];
        OciNetworkResources? network = null;
        Dictionary<string, OciRdma>? rdma = null;
        Dictionary<string, string>? unified = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("devices"u8)) { devices = json.NextItems(DeviceRule); }
            else if (json.ValueTextEquals("memory"u8)) { memory = json.NextObject() ? Memory(ref json) : null; }
            else if (json.ValueTextEquals("cpu"u8)) { cpu = json.NextObject() ? Cpu(ref json) : null; }
            else if (json.ValueTextEquals("pids"u8)) { pids = json.NextObject() ? Pids(ref json) : null; }
            else if (json.ValueTextEquals("blockIO"u8)) { blockIo = json.NextObject() ? BlockIo(ref json) : null; }
            else if (json.ValueTextEquals("hugepageLimits"u8)) { hugepages = json.NextItems(HugepageLimit); }
            else if (json.ValueTextEquals("network"u8)) { network = json.NextObject() ? Network(ref json) : null; }
            else if (json.ValueTextEquals("rdma"u8)) { rdma = Rdma(ref json); }
            else if (json.ValueTextEquals("unified"u8)) { unified = json.NextTextsByName(); }
            else { json.SkipValue(); }
        }

        return new OciResources
        {
            Devices = devices,
            Memory = memory,
            Cpu = cpu,
            Pids = pids,
            BlockIo = blockIo,
            HugepageLimits = hugepages,
            Network = network,
            Rdma = rdma!,
            Unified = unified!,
        };
    }

    private static OciDeviceRule DeviceRule(ref Utf8JsonReader json)
    {
        bool allow = false;
        string? type = null, access = null;
        long? major = null, minor = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("allow"u8)) { allow = json.NextFlag(); }
            else if (json.ValueTextEquals("type"u8)) { type = json.NextText(); }
            else if (json.ValueTextEquals("major"u8)) { major = json.NextNumber(); }
            else if (json.ValueTextEquals("minor"u8)) { minor = json.NextNumber(); }
            else if (json.ValueTextEquals("access"u8)) { access = json.NextText(); }
            else { json.SkipValue(); }
        }

        return new OciDeviceRule(allow) { Type = type, Major = major, Minor = minor, Access = access };
    }

    private static OciMemory Memory(ref Utf8JsonReader json)
    {
        long? limit = null, reservation = null, swap = null, kernel = null, kernelTcp = null;
        ulong? swappiness = null;
        bool? disableOom = null, hierarchy = null, check = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("limit"u8)) { limit = json.NextNumber(); }
            else if (json.ValueTextEquals("reservation"u8)) { reservation = json.NextNumber(); }
            else if (json.ValueTextEquals("swap"u8)) { swap = json.NextNumber(); }
            else if (json.ValueTextEquals("kernel"u8)) { kernel = json.NextNumber(); }
            else if (json.ValueTextEquals("kernelTCP"u8)) { kernelTcp = json.NextNumber(); }
            else if (json.ValueTextEquals("swappiness"u8)) { swappiness = json.NextUnsigned(); }
            else if (json.ValueTextEquals("disableOOMKiller"u8)) { disableOom = json.NextFlag(); }
            else if (json.ValueTextEquals("useHierarchy"u8)) { hierarchy = json.NextFlag(); }
            else if (json.ValueTextEquals("checkBeforeUpdate"u8)) { check = json.NextFlag(); }
            else { json.SkipValue(); }
        }

        return new OciMemory
        {
            Limit = limit, Reservation = reservation, Swap = swap, Kernel = kernel, KernelTcp = kernelTcp,
            Swappiness = swappiness, DisableOomKiller = disableOom, UseHierarchy = hierarchy, CheckBeforeUpdate = check,
        };
    }

    private static OciCpu Cpu(ref Utf8JsonReader json)
    {
        ulong? shares = null, burst = null, period = null, realtimePeriod = null;
        long? quota = null, realtimeRuntime = null, idle = null;
        string? cpus = null, mems = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("shares"u8)) { shares = json.NextUnsigned(); }
            else if (json.ValueTextEquals("quota"u8)) { quota = json.NextNumber(); }
            else if (json.ValueTextEquals("burst"u8)) { burst = json.NextUnsigned(); }
            else if (json.ValueTextEquals("period"u8)) { period = json.NextUnsigned(); }
            else if (json.ValueTextEquals("realtimeRuntime"u8)) { realtimeRuntime = json.NextNumber(); }
            else if (json.ValueTextEquals("realtimePeriod"u8)) { realtimePeriod = json.NextUnsigned(); }
            else if (json.ValueTextEquals("cpus"u8)) { cpus = json.NextText(); }
            else if (json.ValueTextEquals("mems"u8)) { mems = json.NextText(); }
            else if (json.ValueTextEquals("idle"u8)) { idle = json.NextNumber(); }
            else { json.SkipValue(); }
        }

        return new OciCpu
        {
            Shares = shares, Quota = quota, Burst = burst, Period = period, RealtimeRuntime = realtimeRuntime,
            RealtimePeriod = realtimePeriod, Cpus = cpus, Mems = mems, Idle = idle,
        };
    }

    private static OciPids Pids(ref Utf8JsonReader json)
    {
        long limit = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("limit"u8)) { limit = json.NextNumber().Required(); }
            else { json.SkipValue(); }
        }

        return new OciPids(limit);
    }

    private static OciBlockIo BlockIo(ref Utf8JsonReader json)
    {
        ushort? weight = null, leafWeight = null;
        OciWeightDevice[] weights = [];
        OciThrottleDevice[] readBytes = [], writeBytes = [], readOperations = [], writeOperations = [];
        while (json.NextName())
        {
            if (json.ValueTextEquals("weight"u8)) { weight = json.NextUShort(); }
            else if (json.ValueTextEquals("leafWeight"u8)) { leafWeight = json.NextUShort(); }
            else if (json.ValueTextEquals("weightDevice"u8)) { weights = json.NextItems(WeightDevice); }
            else if (json.ValueTextEquals("throttleReadBpsDevice"u8)) { readBytes = json.NextItems(ThrottleDevice); }
            else if (json.ValueTextEquals("throttleWriteBpsDevice"u8)) { writeBytes = json.NextItems(ThrottleDevice); }
            else if (json.ValueTextEquals("throttleReadIOPSDevice"u8)) { readOperations = json.NextItems(ThrottleDevice); }
            else if (json.ValueTextEquals("throttleWriteIOPSDevice"u8)) { writeOperations = json.NextItems(ThrottleDevice); }
            else { json.SkipValue(); }
        }

        return new OciBlockIo
        {
            Weight = weight, LeafWeight = leafWeight, WeightDevice = weights, ThrottleReadBpsDevice = readBytes, ThrottleWriteBpsDevice = writeBytes,
            ThrottleReadIopsDevice = readOperations, ThrottleWriteIopsDevice = writeOperations,
        };
    }

    private static OciWeightDevice WeightDevice(ref Utf8JsonReader json)
    {
        long major = 0, minor = 0;
        ushort? weight = null, leafWeight = null;
        while (json.NextName())
        {
            if (json.ValueTextEquals("major"u8)) { major = json.NextNumber().Required(); }
            else if (json.ValueTextEquals("minor"u8)) { minor = json.NextNumber().Required(); }
            else if (json.ValueTextEquals("weight"u8)) { weight = json.NextUShort(); }
            else if (json.ValueTextEquals("leafWeight"u8)) { leafWeight = json.NextUShort(); }
            else { json.SkipValue(); }
        }

        return new OciWeightDevice(major, minor) { Weight = weight, LeafWeight = leafWeight };
    }

    private static OciThrottleDevice ThrottleDevice(ref Utf8JsonReader json)
    {
        long major = 0, minor = 0;
        ulong rate = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("major"u8)) { major = json.NextNumber().Required(); }
            else if (json.ValueTextEquals("minor"u8)) { minor = json.NextNumber().Required(); }
            else if (json.ValueTextEquals("rate"u8)) { rate = json.NextUnsigned().Required(); }
            else { json.SkipValue(); }
        }

        return new OciThrottleDevice(major, minor, rate);
    }

    private static OciHugepageLimit HugepageLimit(ref Utf8JsonReader json)
    {
        string? size = null;
        ulong limit = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("pageSize"u8)) { size = json.NextText(); }
            else if (json.ValueTextEquals("limit"u8)) { limit = json.NextUnsigned().Required(); }
            else { json.SkipValue(); }
        }

        return new OciHugepageLimit(size!, limit);
    }

    private static OciNetworkResources Network(ref Utf8JsonReader json)
    {
        uint? classId = null;
        OciInterfacePriority[] priorities = [];
        while (json.NextName())
        {
            if (json.ValueTextEquals("classID"u8)) { classId = json.NextUInt(); }
            else if (json.ValueTextEquals("priorities"u8)) { priorities = json.NextItems(InterfacePriority); }
            else { json.SkipValue(); }
        }

        return new OciNetworkResources { ClassId = classId, Priorities = priorities };
    }

    private static Dictionary<string, OciRdma> Rdma(ref Utf8JsonReader json)
    {
        Dictionary<string, OciRdma> limits = new(StringComparer.Ordinal);
        for (bool inside = json.NextObject(); inside && json.NextName();)
        {
            string device = json.GetString()!;
            uint? handles = null, objects = null;
            for (bool entered = json.NextObject() ? true : throw new JsonException(); entered && json.NextName();)
            {
                if (json.ValueTextEquals("hcaHandles"u8)) { handles = json.NextUInt(); }
                else if (json.ValueTextEquals("hcaObjects"u8)) { objects = json.NextUInt(); }
                else { json.SkipValue(); }
            }

            limits[device] = new OciRdma { HcaHandles = handles, HcaObjects = objects };
        }

        return limits;
    }

    private static OciInterfacePriority InterfacePriority(ref Utf8JsonReader json)
    {
        string? name = null;
        uint priority = 0;
        while (json.NextName())
        {
            if (json.ValueTextEquals("name"u8)) { name = json.NextText(); }
            else if (json.ValueTextEquals("priority"u8)) { priority = json.NextUInt().Required(); }
            else { json.SkipValue(); }
        }

        return new OciInterfacePriority(name!, priority);
    }
}
