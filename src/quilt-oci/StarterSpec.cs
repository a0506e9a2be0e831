using Quilt.Oci;

namespace Quilt.OciRuntime;

/// <summary>The configuration that <c>spec</c> writes.</summary>
internal static class StarterSpec
{
    internal static OciSpec Build()
    {
        string[] capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
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
                Rlimits = [new OciRlimit("RLIMIT_NOFILE", 1024, 1024)],
            },
            Root = new OciRoot("rootfs") { Readonly = true },
            Hostname = "quilt",
            Mounts = StandardMounts.All,
            Linux = new OciLinux
            {
                Namespaces = [.. ((string[])["pid", "network", "ipc", "uts", "mount", "cgroup"]).Select(t => new OciNamespace(t))],
                Resources = new OciResources { Devices = [new OciDeviceRule(false) { Access = "rwm" }, .. StandardDevices.Allowed] },
                MaskedPaths = ProtectedPaths.Masked,
                ReadonlyPaths = ProtectedPaths.ReadOnly,
            },
        };
    }
}
