using Quilt.Bench.Statistics;

namespace Quilt.Bench.Results;

/// <summary>One whole run: the machine, the sides, how often, and what came out.</summary>
/// <param name="Kernel">As uname -r has it.</param>
/// <param name="Sides">Program and version of each.</param>
internal sealed record Report(
    DateTimeOffset Time, string Kernel, int Cpus, string Processor, double LoadAtStart, IReadOnlyList<string> Sides, Rounds Rounds, IReadOnlyList<Measurement> Measurements)
{
    /// <summary>In the order that a reader looks for them.</summary>
    public static readonly IReadOnlyList<string> SideOrder =
        ["quilt", "bubblewrap", "crun", "runc", "podman", "buildah", "buildah, one layer", "containerd (ctr)", "docker API", "docker CLI", "nsenter"];
}
