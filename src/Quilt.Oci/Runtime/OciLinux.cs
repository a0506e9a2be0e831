using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quilt.Oci;

/// <summary>The Linux part of the configuration.</summary>
/// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md"/>
public sealed record OciLinux
{
    public IReadOnlyList<OciNamespace> Namespaces { get => field ?? []; init; }
    public IReadOnlyList<OciIdMapping> UidMappings { get => field ?? []; init; }
    public IReadOnlyList<OciIdMapping> GidMappings { get => field ?? []; init; }

    /// <summary>Keys <c>monotonic</c> and <c>boottime</c>.</summary>
    public IReadOnlyDictionary<string, OciTimeOffset> TimeOffsets { get => field ?? new Dictionary<string, OciTimeOffset>(); init; }
    public IReadOnlyList<OciDevice> Devices { get => field ?? []; init; }
    public string? CgroupsPath { get; init; }
    public OciResources? Resources { get; init; }
    public OciIntelRdt? IntelRdt { get; init; }
    public IReadOnlyDictionary<string, string> Sysctl { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>Read from <see cref="SeccompText"/> when it is first asked for.</summary>
    public OciSeccomp? Seccomp
    {
        get => field ??= SeccompText.IsEmpty ? null : JsonSerializer.Deserialize(SeccompText.Span, OciJson.Default.OciSeccomp);
        init
        {
            field = value;
            SeccompText = default;
        }
    }

    /// <summary>
    /// The policy as <see cref="Reading.OciReader"/> found it: most of a configuration's bytes, and not needed where it was
    /// compiled before. Empty in a configuration that was made in memory.
    /// </summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> SeccompText { get; init; }

    /// <summary><c>private</c>, <c>shared</c>, <c>slave</c> or <c>unbindable</c>.</summary>
    public string? RootfsPropagation { get; init; }
    public IReadOnlyList<string> MaskedPaths { get => field ?? []; init; }
    public IReadOnlyList<string> ReadonlyPaths { get => field ?? []; init; }
    public string? MountLabel { get; init; }
    public OciPersonality? Personality { get; init; }
}

/// <param name="Type"><c>pid network mount ipc uts user cgroup time</c>.</param>
/// <param name="Path">An existing namespace to join; null makes a new one.</param>
public sealed record OciNamespace(string Type, string? Path = null);

[method: JsonConstructor]
public sealed record OciIdMapping([property: JsonPropertyName("containerID")] uint ContainerId, [property: JsonPropertyName("hostID")] uint HostId, uint Size)
{
    /// <summary>Which of the host's ids one of the container's is; null where none is mapped to it.</summary>
    public static uint? HostIdOf(IReadOnlyList<OciIdMapping> mappings, uint id)
    {
        foreach (OciIdMapping mapping in mappings)
        {
            if (id >= mapping.ContainerId && id - mapping.ContainerId < mapping.Size)
            {
                return mapping.HostId + (id - mapping.ContainerId);
            }
        }

        return null;
    }
}

public sealed record OciTimeOffset(long Secs, uint Nanosecs);

public sealed record OciDevice(string Type, string Path)
{
    public long Major { get; init; }
    public long Minor { get; init; }

    /// <summary>Permission bits, decimal in JSON.</summary>
    public uint? FileMode { get; init; }
    public uint? Uid { get; init; }
    public uint? Gid { get; init; }
}

public sealed record OciIntelRdt
{
    [JsonPropertyName("closID")]
    public string? ClosId { get; init; }
    public string? L3CacheSchema { get; init; }
    public string? MemBwSchema { get; init; }
    [JsonPropertyName("enableCMT")]
    public bool EnableCmt { get; init; }
    [JsonPropertyName("enableMBM")]
    public bool EnableMbm { get; init; }
}

public sealed record OciPersonality(string Domain)
{
    public IReadOnlyList<string> Flags { get => field ?? []; init; }
}
