using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record MountView
{
    [Description("volume: one of yours, or of its image, which goes with it; tmpfs: in memory; bind: of the host; secret: one that the operator keeps.")]
    public required string Type { get; init; }

    [Description("In the container.")]
    public required string Path { get; init; }

    [Description("The volume's name; left out of one of its image's.")]
    public string? Volume { get; init; }
    public bool? ReadOnly { get; init; }

    [Description("Bytes, of a tmpfs; 0 is no limit but the container's memory.")]
    public long? Size { get; init; }

    internal static IReadOnlyList<MountView> Of(ContainerRecord record, ContainerEngine engine) =>
    [
        .. record.Volumes.Select(v => new MountView { Type = "volume", Path = v }),
        .. record.VolumeMounts.Select(m => new MountView { Type = "volume", Path = m.Path, Volume = engine.TryGetVolume(m.Volume)?.Name ?? m.Volume, ReadOnly = m.ReadOnly }),
        .. record.Spec.HostMounts.Select(m => new MountView { Type = "bind", Path = m.Path, ReadOnly = m.ReadOnly }),
        .. record.Spec.Secrets.Select(s => new MountView { Type = "secret", Path = $"{SecretFiles.Folder}/{s}", ReadOnly = true }),
        .. record.Spec.Tmpfs.Select(t => new MountView { Type = "tmpfs", Path = t.Path, Size = t.SizeBytes }),
    ];
}
