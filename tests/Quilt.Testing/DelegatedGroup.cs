using Quilt.Linux;

namespace Quilt.Testing;

/// <summary>A control group that seems to be handed over by a manager, as systemd does for units with <c>Delegate=yes</c>.</summary>
public sealed class DelegatedGroup : IDisposable
{
    public const string WhyNot = "no unified hierarchy here in which root may make groups";

    public DelegatedGroup()
    {
        // The manager hands its controllers on, and says so: from then on what is above is nobody else's.
        new CgroupHost([.. CgroupHierarchy.OfHost().Where(h => h.IsUnified)]).Open(Path).Create();
        using FileDescriptor group = Sys.Open($"{MountPoint}/{Path}", OpenMode.ReadOnly | OpenMode.Directory);
        Sys.SetAttribute(group, "trusted.delegate", "1"u8);
    }

    public static bool IsPossible => Environment.IsPrivilegedProcess && CgroupHierarchy.OfHost().Any(h => h.IsUnified);

    public string MountPoint { get; } = CgroupHierarchy.OfHost().First(h => h.IsUnified).MountPoint;

    /// <summary>The group above it, which is the manager's own.</summary>
    public string Manager { get; } = $"quilt-test-{Guid.NewGuid():n}";
    public string Path => Manager + "/unit";

    public void Dispose() => CgroupHost.OfThisMachine().Open(Manager).Remove();
}
