using Quilt.Oci;
using Quilt.Seccomp;

namespace Quilt.OciRuntime;

/// <summary>
/// The configuration that <c>spec</c> writes: the engine's confinement but for the user namespace, whose host ids somebody
/// has to own.
/// </summary>
internal static class StarterSpec
{
    private const long MemoryBytes = 1L << 30, Pids = 1024;

    internal static OciSpec Build()
    {
        IReadOnlyList<string> capabilities = StandardCapabilities.All;
        return new OciSpec
        {
            OciVersion = "1.2.0",
            Process = new OciProcess
            {
                Args = ["sh"],
                Cwd = "/",
                Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
                NoNewPrivileges = true,
                Capabilities = new OciCapabilities { Bounding = capabilities, Permitted = capabilities, Effective = capabilities },
                Rlimits = [new OciRlimit("RLIMIT_NOFILE", 1024, 1024), new OciRlimit("RLIMIT_CORE", 0, 0)],
            },
            Root = new OciRoot("rootfs") { Readonly = true },
            Hostname = "quilt",
            Mounts = StandardMounts.All,
            Linux = new OciLinux
            {
                Namespaces = [.. ((string[])["pid", "network", "ipc", "uts", "mount", "cgroup"]).Select(t => new OciNamespace(t))],
                Resources = new OciResources
                {
                    Devices = [new OciDeviceRule(false) { Access = "rwm" }],
                    Memory = new OciMemory { Limit = MemoryBytes, Swap = MemoryBytes },
                    Pids = new OciPids(Pids),
                },
                MaskedPaths = ProtectedPaths.Masked,
                ReadonlyPaths = ProtectedPaths.ReadOnly,
                Seccomp = DefaultProfile.Build([.. capabilities]),
            },
        };
    }
}
