using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>A snapshot as lists show it.</summary>
public sealed record SnapshotView
{
    [Description("32 hexadecimal digits.")]
    public required string Id { get; init; }

    [Description("Left out where it has none: it is there for what stands on it, and goes with the last of that.")]
    public string? Name { get; init; }

    [Description("The container's id that it was taken of; it may be gone.")]
    public required string Container { get; init; }
    public required string ContainerName { get; init; }

    [Description("The snapshot's id that it stands on; left out where it stands on the image itself.")]
    public string? Parent { get; init; }
    public required string Image { get; init; }
    public required string ImageDigest { get; init; }

    [Description("Bytes on the disk of what the container had changed since its parent, and of its image's volumes; 0 where that is nothing.")]
    public required long Size { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("The agent's id that has it; empty is the operator.")]
    public required string Agent { get; init; }

    internal static SnapshotView Of(SnapshotRecord record) => new()
    {
        Id = record.Id,
        Name = record.Name?.Value,
        Container = record.Container.Value,
        ContainerName = record.ContainerName.Value,
        Parent = record.Parent,
        Image = record.Spec.Image.ToString(),
        ImageDigest = record.ImageDigest.ToString(),
        Size = record.SizeBytes + record.VolumeBytes,
        CreatedAt = record.CreatedAt,
        Agent = record.Agent,
    };
}

public sealed record SnapshotArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Snapshot { get; init; }
}
