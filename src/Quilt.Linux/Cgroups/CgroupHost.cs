using Quilt.Core;

namespace Quilt.Linux;

/// <summary>How this host has its control groups.</summary>
public enum CgroupMode
{
    /// <summary>One hierarchy with all controllers.</summary>
    V2,

    /// <summary>v1 controllers, and beside them a unified hierarchy with none, or with those that are in no v1 hierarchy.</summary>
    Hybrid,
    V1,
}

/// <summary>Opens control groups on this host.</summary>
public sealed class CgroupHost
{
    private readonly IReadOnlyList<CgroupHierarchy> _hierarchies;

    /// <summary>What v1's groups have in the unified hierarchy. Looked up once: for each group it would be some reads of every group above it.</summary>
    private readonly IReadOnlyList<string> _taken;

    public CgroupHost(IReadOnlyList<CgroupHierarchy> hierarchies)
    {
        _hierarchies = hierarchies;
        bool unified = hierarchies.Any(h => h.IsUnified), separate = hierarchies.Any(h => !h.IsUnified && h.Controllers.Count > 0);
        Mode = (unified, separate) switch { (true, false) => CgroupMode.V2, (true, true) => CgroupMode.Hybrid, _ => CgroupMode.V1 };
        _taken = Mode == CgroupMode.Hybrid ? [.. CgroupV1.TakenFromUnified.Intersect(CgroupFiles.Controllers(Unified!))] : [];
    }

    public static CgroupHost OfThisMachine() => new(CgroupHierarchy.OfHost());

    public CgroupMode Mode { get; }

    /// <summary>Where the unified hierarchy is mounted; null where there is none.</summary>
    internal string? Unified => _hierarchies.FirstOrDefault(h => h.IsUnified)?.MountPoint;

    /// <param name="controller">In v2's words: <c>memory</c>, <c>io</c>, <c>hugetlb</c>...</param>
    public bool Has(string controller) => Mode == CgroupMode.V2
        ? CgroupFiles.Controllers(Unified!).Contains(controller)
        : _taken.Contains(controller) || _hierarchies.Any(h => h.Controllers.Contains(controller == "io" ? "blkio" : controller));

    /// <param name="path">Relative, such as <c>quilt/ID</c>; a leading slash is ignored.</param>
    public ICgroup Open(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || parts.Any(p => p is "." or ".." || p.Contains('\n', StringComparison.Ordinal)))
        {
            throw QuiltException.Invalid("linux.cgroupsPath", $"cgroup path '{path}' is not usable", "give a path of names below the root group, without '.' and '..'");
        }

        string clean = string.Join('/', parts);
        return Mode == CgroupMode.V2
            ? new CgroupV2(Unified!, clean)
            : new CgroupV1(_hierarchies, clean, _taken);
    }
}
