using System.Text.Json.Serialization;

namespace Quilt.Oci;

/// <summary>Control group limits.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#control-groups"/>
public sealed record OciResources
{
    public IReadOnlyList<OciDeviceRule> Devices { get => field ?? []; init; }
    public OciMemory? Memory { get; init; }
    public OciCpu? Cpu { get; init; }
    public OciPids? Pids { get; init; }

    [JsonPropertyName("blockIO")]
    public OciBlockIo? BlockIo { get; init; }
    public IReadOnlyList<OciHugepageLimit> HugepageLimits { get => field ?? []; init; }
    public OciNetworkResources? Network { get; init; }

    /// <summary>By the name of the RDMA device.</summary>
    public IReadOnlyDictionary<string, OciRdma> Rdma { get => field ?? new Dictionary<string, OciRdma>(); init; }

    /// <summary>cgroup v2 file names and their contents.</summary>
    public IReadOnlyDictionary<string, string> Unified { get => field ?? new Dictionary<string, string>(); init; }
}

public sealed record OciDeviceRule(bool Allow)
{
    /// <summary><c>a</c>, <c>c</c> or <c>b</c>; null is all.</summary>
    public string? Type { get; init; }
    public long? Major { get; init; }
    public long? Minor { get; init; }

    /// <summary>Of <c>rwm</c>.</summary>
    public string? Access { get; init; }
}

/// <summary>Bytes; -1 is no limit.</summary>
public sealed record OciMemory
{
    public long? Limit { get; init; }
    public long? Reservation { get; init; }

    /// <summary>Memory and swap together.</summary>
    public long? Swap { get; init; }
    public long? Kernel { get; init; }

    [JsonPropertyName("kernelTCP")]
    public long? KernelTcp { get; init; }
    public ulong? Swappiness { get; init; }

    [JsonPropertyName("disableOOMKiller")]
    public bool? DisableOomKiller { get; init; }
    public bool? UseHierarchy { get; init; }
    public bool? CheckBeforeUpdate { get; init; }
}

/// <summary>Periods, quotas and bursts are microseconds.</summary>
public sealed record OciCpu
{
    public ulong? Shares { get; init; }
    public long? Quota { get; init; }
    public ulong? Burst { get; init; }
    public ulong? Period { get; init; }
    public long? RealtimeRuntime { get; init; }
    public ulong? RealtimePeriod { get; init; }
    public string? Cpus { get; init; }
    public string? Mems { get; init; }
    public long? Idle { get; init; }

    /// <summary>The quota and the period: of which it does not say one, what is now.</summary>
    public (long Quota, ulong Period) QuotaOr((long Quota, ulong Period) now) => (Quota is null or 0 ? now.Quota : Quota.Value, Period is null or 0 ? now.Period : Period.Value);
}

public sealed record OciPids(long Limit);

public sealed record OciBlockIo
{
    public ushort? Weight { get; init; }
    public ushort? LeafWeight { get; init; }
    public IReadOnlyList<OciWeightDevice> WeightDevice { get => field ?? []; init; }
    public IReadOnlyList<OciThrottleDevice> ThrottleReadBpsDevice { get => field ?? []; init; }
    public IReadOnlyList<OciThrottleDevice> ThrottleWriteBpsDevice { get => field ?? []; init; }

    [JsonPropertyName("throttleReadIOPSDevice")]
    public IReadOnlyList<OciThrottleDevice> ThrottleReadIopsDevice { get => field ?? []; init; }

    [JsonPropertyName("throttleWriteIOPSDevice")]
    public IReadOnlyList<OciThrottleDevice> ThrottleWriteIopsDevice { get => field ?? []; init; }
}

public sealed record OciWeightDevice(long Major, long Minor)
{
    public ushort? Weight { get; init; }
    public ushort? LeafWeight { get; init; }
}

public sealed record OciThrottleDevice(long Major, long Minor, ulong Rate);

public sealed record OciHugepageLimit(string PageSize, ulong Limit);

public sealed record OciNetworkResources
{
    [JsonPropertyName("classID")]
    public uint? ClassId { get; init; }
    public IReadOnlyList<OciInterfacePriority> Priorities { get => field ?? []; init; }
}

public sealed record OciInterfacePriority(string Name, uint Priority);

/// <summary>Null is no limit.</summary>
public sealed record OciRdma
{
    public uint? HcaHandles { get; init; }
    public uint? HcaObjects { get; init; }
}
