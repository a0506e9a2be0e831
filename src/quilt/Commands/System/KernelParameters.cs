namespace Quilt.Cli;

/// <summary>The kernel's command line, of which some hosts make a place for secrets (a disk's key, a token for the first boot).</summary>
internal static class KernelParameters
{
    /// <summary>What decides how containers are confined and counted here, by the beginning of its name.</summary>
    private static readonly string[] OfConcern =
    [
        "cgroup", "systemd.unified_cgroup_hierarchy", "systemd.legacy_systemd_cgroup_controller", "swapaccount", "psi", "lsm", "security", "selinux", "apparmor", "lockdown", "user_namespace.enable",
        "hugepages", "hugepagesz", "default_hugepagesz", "transparent_hugepage", "isolcpus", "maxcpus", "nr_cpus", "nosmt", "mitigations", "mem", "ipv6.disable", "nokaslr", "audit", "init_on_alloc",
        "overlay.", "loop.", "max_loop",
    ];

    /// <returns>Those that are known to hold no secret, and how many were left out.</returns>
    internal static string Known(string commandLine)
    {
        string[] all = commandLine.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        string[] kept = [.. all.Where(IsOfConcern)];
        return $"{string.Join(' ', kept)}\n({all.Length - kept.Length} others are left out)\n";
    }

    private static bool IsOfConcern(string parameter)
    {
        string name = parameter.Split('=')[0];
        return OfConcern.Any(c => c == name || (c.EndsWith('.') && name.StartsWith(c, StringComparison.Ordinal)) || (c == "cgroup" && name.StartsWith("cgroup_", StringComparison.Ordinal)));
    }
}
