using System.ComponentModel;

namespace Quilt.Aria;

public sealed record MountView
{
    [Description("volume or tmpfs.")]
    public required string Type { get; init; }

    [Description("In the container.")]
    public required string Path { get; init; }

    [Description("Bytes, of a tmpfs; 0 is no limit but the container's memory.")]
    public long? Size { get; init; }
}
