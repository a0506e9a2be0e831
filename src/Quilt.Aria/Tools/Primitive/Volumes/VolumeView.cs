using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>A volume, and which containers have it.</summary>
public sealed record VolumeView
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    [Description("local: on the disk; tmpfs: in memory, empty again when the host has started anew.")]
    public required string Type { get; init; }

    [Description("Bytes, what its file system needs for itself included; 0 is no limit but the disk's.")]
    public required long Size { get; init; }

    [Description("Bytes in it; left out in lists.")]
    public long? Used { get; init; }

    [Description("The agent's id that has it; empty is the operator.")]
    public required string Agent { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("The containers that have it, in any state, as far as you know them.")]
    public required IReadOnlyList<VolumeUserView> Users { get; init; }

    internal static VolumeView Of(Volume volume, ContainerEngine engine, Caller caller) => new()
    {
        Id = volume.Id,
        Name = volume.Name,
        Type = volume.InMemory ? "tmpfs" : "local",
        Size = volume.SizeBytes,
        Agent = volume.Owner,
        Labels = volume.Labels,
        CreatedAt = volume.CreatedAt,
        Users =
        [
            .. engine.UsersOfVolume(volume.Id).Where(u => caller.MayUse(u.Container)).Select(u => new VolumeUserView
            {
                Container = u.Container.Id.Value, ContainerName = u.Container.Name.Value, Path = u.Mount.Path, ReadOnly = u.Mount.ReadOnly,
            }),
        ],
    };
}

public sealed record VolumeUserView
{
    public required string Container { get; init; }
    public required string ContainerName { get; init; }
    public required string Path { get; init; }
    public required bool ReadOnly { get; init; }
}

public sealed record VolumeResult
{
    public required VolumeView Volume { get; init; }
}

public sealed record VolumeArguments
{
    [Description("Its name or id.")]
    public required string Volume { get; init; }
}
