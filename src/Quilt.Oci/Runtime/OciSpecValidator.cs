using Quilt.Core;

namespace Quilt.Oci;

/// <summary>Checks what the types alone cannot: the field, the value and the remedy are named.</summary>
public static partial class OciSpecValidator
{
    private static readonly string[] NamespaceTypes = ["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"];

    /// <exception cref="QuiltException">invalid_argument.</exception>
    public static void Validate(OciSpec spec)
    {
        RequireTexts(spec);
        Require(spec.OciVersion.StartsWith("1.", StringComparison.Ordinal), "ociVersion", $"version '{spec.OciVersion}' is not supported", "use 1.x");
        Require(!string.IsNullOrEmpty(spec.Root?.Path), "root.path", "the root filesystem is not given", "give root.path");
        if (spec.Process is { } process)
        {
            Validate(process);
        }

        foreach (OciMount mount in spec.Mounts)
        {
            Require(!string.IsNullOrEmpty(mount.Destination), "mounts.destination", "a mount has no destination", "give an absolute path");
        }

        Validate(spec.Linux ?? new OciLinux());
    }

    public static void Validate(OciProcess process)
    {
        RequireTexts(process);
        Require(process.Args.Count > 0 && process.Args[0].Length > 0, "process.args", "no command is given", "give at least one argument");
        Require(process.User.Uid != uint.MaxValue && process.User.Gid != uint.MaxValue, "process.user", "4294967295 is no user or group", "give another number");
        Require(process.Cwd.StartsWith('/'), "process.cwd", $"working directory '{process.Cwd}' is not absolute", "begin it with '/'");
        Require(string.IsNullOrEmpty(process.ApparmorProfile) || string.IsNullOrEmpty(process.SelinuxLabel), "process.selinuxLabel", "a label of SELinux and a profile of AppArmor are both given", "give the one of the module that this host has");
        HashSet<string> limits = new(StringComparer.Ordinal);
        foreach (OciRlimit limit in process.Rlimits)
        {
            Require(OciRlimit.Types.Contains(limit.Type), "process.rlimits", $"resource limit '{Quilt.Core.Text.Printable(limit.Type)}' is unknown", $"use one of {string.Join(", ", OciRlimit.Types)}");
            Require(limits.Add(limit.Type), "process.rlimits", $"{limit.Type} is given twice", "give each limit once");
            Require(limit.Soft <= limit.Hard, "process.rlimits", $"{limit.Type}: the soft limit {limit.Soft} is above the hard limit {limit.Hard}", "lower the soft limit");
        }
    }

    public static void Validate(OciResources resources) => RequireTexts(resources);

    private static void Validate(OciLinux linux)
    {
        Require(linux.IntelRdt is null, "linux.intelRdt", "cache and memory bandwidth allocation (resctrl) is not implemented", "leave linux.intelRdt out");
        HashSet<string> types = new(StringComparer.Ordinal);
        foreach (OciNamespace ns in linux.Namespaces)
        {
            Require(NamespaceTypes.Contains(ns.Type), "linux.namespaces.type", $"namespace type '{ns.Type}' is unknown", $"use one of {string.Join(", ", NamespaceTypes)}");
            Require(types.Add(ns.Type), "linux.namespaces", $"the {ns.Type} namespace is given twice", "give each type once");
        }

        bool newUser = linux.Namespaces.Any(n => n is { Type: "user", Path: null or "" });
        Require(!newUser || (linux.UidMappings.Count > 0 && linux.GidMappings.Count > 0), "linux.uidMappings", "a new user namespace has no id mappings", "give uidMappings and gidMappings");
        Require(types.Contains("mount") || linux.MaskedPaths.Count + linux.ReadonlyPaths.Count == 0, "linux.namespaces", "paths can be masked only in a mount namespace of the container's own", "add the mount namespace");
        bool ownUts = linux.Namespaces.Any(n => n.Type == "uts");
        foreach (string key in linux.Sysctl.Keys)
        {
            bool network = key.StartsWith("net.", StringComparison.Ordinal), ipc = key.StartsWith("kernel.msg", StringComparison.Ordinal) || key.StartsWith("kernel.sem", StringComparison.Ordinal) || key.StartsWith("kernel.shm", StringComparison.Ordinal) || key.StartsWith("fs.mqueue.", StringComparison.Ordinal);
            bool uts = key is "kernel.domainname" or "kernel.hostname";
            bool isolated = (network && types.Contains("network")) || (ipc && types.Contains("ipc")) || (uts && ownUts);
            Require(isolated && !key.Contains("..", StringComparison.Ordinal), "linux.sysctl", $"sysctl '{key}' is not the container's own", "set only sysctls of its network, ipc or uts namespace");
        }
    }

    private static void Require(bool condition, string field, string message, string remedy)
    {
        if (!condition)
        {
            throw QuiltException.Invalid(field, $"{field}: {message}", remedy);
        }
    }
}
