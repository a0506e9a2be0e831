using System.ComponentModel;

namespace Quilt.Aria;

/// <summary>A folder or file of the host that containers may be given.</summary>
public sealed record HostPathGrant
{
    [Description("Absolute path on the host; what is below it is granted too.")]
    public required string Path { get; init; }

    [Description("Only to be read.")]
    public bool ReadOnly { get; set; } = true;

    internal bool Covers(HostPathGrant narrow) =>
        (!ReadOnly || narrow.ReadOnly) && (narrow.Path == Path || narrow.Path.StartsWith(Path.TrimEnd('/') + '/', StringComparison.Ordinal));
}
