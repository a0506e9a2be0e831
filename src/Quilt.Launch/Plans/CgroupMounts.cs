using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch.Plans;

/// <summary>What the configuration's mount of type <c>cgroup</c> becomes on this host.</summary>
internal static class CgroupMounts
{
    private const string HostRoot = "/sys/fs/cgroup";

    /// <param name="cgroup">The container's group; null where it has none of its own.</param>
    internal static Func<OciMount, MountOptions, IEnumerable<SetupStep>> For(OciLinux linux, ICgroup? cgroup)
    {
        bool ownNamespace = linux.Namespaces.Any(n => n is { Type: "cgroup", Path: null or "" });
        return (mount, options) => File.Exists(HostRoot + "/cgroup.controllers")
            ? [Unified(mount, options, ownNamespace)]
            : Separate(mount, options, ownNamespace, cgroup);
    }

    /// <summary>Whether a bind mount shows the host's hierarchies, of which the container's group must be a part by then.</summary>
    internal static bool IsHosts(string source) => source.StartsWith(HostRoot, StringComparison.Ordinal);

    private static SetupStep Unified(OciMount mount, MountOptions options, bool ownNamespace)
    {
        string target = SetupPlan.Clean(mount.Destination);
        return ownNamespace
            ? new SetupStep.MountFilesystem("cgroup2", target, options.Set, options.Propagation, options.Data)
            : new SetupStep.BindMount(HostRoot, target, true, options.Set, options.Clear, true, options.Propagation, null);
    }

    /// <summary>
    /// cgroup v1: a folder with each hierarchy in it, as on the host. With a cgroup namespace each is mounted afresh and so
    /// begins at the container's own group; without one that group is bound, read-only.
    /// </summary>
    private static IEnumerable<SetupStep> Separate(OciMount mount, MountOptions options, bool ownNamespace, ICgroup? cgroup)
    {
        string target = SetupPlan.Clean(mount.Destination);
        yield return new SetupStep.MountFilesystem("tmpfs", target, options.Set & ~MountAttributes.ReadOnly, options.Propagation, [new("mode", "0755")]);
        foreach (CgroupHierarchy hierarchy in CgroupHierarchy.OfHost().Where(h => !h.IsUnified))
        {
            string place = $"{target}/{Path.GetFileName(hierarchy.MountPoint)}";
            yield return ownNamespace
                ? new SetupStep.MountFilesystem("cgroup", place, options.Set, null, [.. hierarchy.MountFlags])
                : new SetupStep.BindMount(cgroup is null ? hierarchy.MountPoint : $"{hierarchy.MountPoint}/{cgroup.Path}", place, false, options.Set | MountAttributes.ReadOnly, options.Clear & ~MountAttributes.ReadOnly, false, null, null);
        }

        if (options.Set.HasFlag(MountAttributes.ReadOnly))
        {
            yield return new SetupStep.ReadOnlyPath(target);
        }
    }
}
