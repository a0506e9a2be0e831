using Quilt.Core;

namespace Quilt.Engine;

/// <summary>
/// A container's files as they were at one moment. What it changed since the snapshot before is a folder of its own, a layer above
/// those of its parents and the image. Never changed: a change makes a new one.
/// </summary>
public sealed record SnapshotRecord
{
    /// <summary>32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Null: it is there for the containers and snapshots alone that stand on it, and goes with the last of them.</summary>
    public ContainerName? Name { get; init; }

    /// <summary>Whose it is, by the agent's id; empty: the operator's.</summary>
    public required string Agent { get; init; }

    /// <summary>Of which it was taken; it may be gone.</summary>
    public required ContainerId Container { get; init; }
    public required ContainerName ContainerName { get; init; }

    /// <summary>The snapshot that it stands on; null: on the image itself.</summary>
    public string? Parent { get; init; }

    /// <summary>Whether it has files of its own; without, it shows what its parent does.</summary>
    public required bool HasLayer { get; init; }

    /// <summary>Of its own files, on the disk.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Where the container had volumes of its image: a copy of each is kept, by its number here.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>The snapshot in whose folder those copies are: itself, or one that it stands on; null: nowhere any more, for the containers that were made of it have them.</summary>
    public string? VolumesIn { get; init; }

    /// <summary>Of those copies, where they are its own.</summary>
    public long VolumeBytes { get; init; }

    /// <summary>The volumes with names that the container had; what is in them is not in the snapshot.</summary>
    public IReadOnlyList<VolumeMount> VolumeMounts { get; init; } = [];
    public required DateTimeOffset CreatedAt { get; init; }
    public required Digest ImageDigest { get; init; }

    /// <summary>As the container was asked for: what is made of the snapshot is like it.</summary>
    public required ContainerSpec Spec { get; init; }

    /// <summary>Containers are being made of it, all or none: those that a crash has left are taken away.</summary>
    public bool Pending { get; init; }

    /// <summary>Prints without the specification, whose environment may hold secrets.</summary>
    public override string ToString() => $"{Name?.Value ?? Id} of {ContainerName}";
}
