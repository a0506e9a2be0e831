using System.Text.Json.Serialization;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Engine;

/// <summary>All that is kept of a container. Never changed: a change makes a new one.</summary>
public sealed record ContainerRecord
{
    public required ContainerId Id { get; init; }
    public required ContainerName Name { get; init; }
    public required ContainerSpec Spec { get; init; }
    public ContainerOwner Owner { get; init; } = ContainerOwner.Operator;
    public required Digest ImageDigest { get; init; }

    /// <summary>The first of its 65,536 host user and group ids.</summary>
    public required uint HostIdBase { get; init; }

    /// <summary>The control group above its own, which another daemon with other options may have chosen.</summary>
    public required string CgroupParent { get; init; }

    /// <summary>Between the two, the groups that limit the container's agents all together; empty where there are none.</summary>
    public string Group { get; init; } = "";
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public required ContainerState State { get; init; }
    public int RestartCount { get; init; }

    /// <summary>What it runs, the image's defaults applied; empty where it idles.</summary>
    public required IReadOnlyList<string> Command { get; init; }
    public required string WorkingDirectory { get; init; }
    public required IReadOnlyDictionary<string, string> Environment { get; init; }
    public required int StopSignal { get; init; }

    /// <summary>Where its image's volumes are mounted, in the order of their folders: see <see cref="Quilt.Shim.Contract.BundleLayout.Volume"/>.</summary>
    public IReadOnlyList<string> Volumes { get; set; } = [];

    /// <summary>Volumes that it has, in the order in which they came.</summary>
    public IReadOnlyList<VolumeMount> VolumeMounts { get; set; } = [];

    /// <summary>What its image says that it listens on, such as <c>80/tcp</c>; nothing is opened by it.</summary>
    public IReadOnlyList<string> ExposedPorts { get; set; } = [];

    /// <summary>What it is probed with while it runs; null: nothing.</summary>
    public HealthCheck? HealthCheck { get; init; }

    /// <summary>What its limits are just being changed to; null: they are what its specification says. An engine that finds it settles which.</summary>
    public LimitsUnderway? LimitsUnderway { get; init; }

    /// <summary>The snapshot that its files stand on, by its id; null: on its image alone.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Its disk had so many bytes, is to have what its limits say, and has perhaps not yet; null: it has.</summary>
    public long? DiskGrowsFrom { get; init; }

    /// <summary>What it wrote since another snapshot is to go, and has perhaps not yet: it is on the way back to <see cref="Snapshot"/>.</summary>
    public bool Restoring { get; init; }

    public bool IsRunning => State is ContainerState.Running;

    /// <summary>Prints without its environment, which may hold secrets.</summary>
    public override string ToString() => $"{Name} ({Id.Short}, {State.Name})";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(ContainerIdConverter), typeof(ContainerNameConverter), typeof(ImageReferenceConverter), typeof(DigestConverter)])]
[JsonSerializable(typeof(ContainerRecord))]
[JsonSerializable(typeof(Volume))]
[JsonSerializable(typeof(SnapshotRecord))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class RecordJson : JsonSerializerContext;
