using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Seccomp;

namespace Quilt.Bench.Launcher;

/// <summary>The bundles that are run: one root filesystem of a single busybox, and two configurations for it.</summary>
internal static class Bundle
{
    internal const uint HostIdBase = 1879048192;

    private static readonly string[] DefaultCapabilities =
        ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT"];

    internal static string MakeRoot(string folder)
    {
        string root = Path.Combine(folder, "rootfs");
        foreach (string part in (string[])["", "bin", "proc", "dev", "sys", "tmp"])
        {
            Directory.CreateDirectory(Path.Combine(root, part));
            Sys.Chown(Path.Combine(root, part), HostIdBase, HostIdBase);
        }

        File.Copy("/bin/busybox", Path.Combine(root, "bin/true"));
        return root;
    }

    /// <summary>Quilt's default: everything that confines, and limits.</summary>
    internal static OciSpec Hardened(string root) => Bare(root) with
    {
        Hostname = "bench",
        Mounts = StandardMounts.All,
        Process = Command() with
        {
            NoNewPrivileges = true,
            Capabilities = new OciCapabilities { Bounding = DefaultCapabilities, Permitted = DefaultCapabilities, Effective = DefaultCapabilities },
        },
        Linux = Namespaces() with
        {
            Resources = new OciResources
            {
                Devices = [new OciDeviceRule(false) { Access = "rwm" }, .. StandardDevices.Allowed],
                Pids = new OciPids(64),
                Memory = new OciMemory { Limit = 64 << 20, Swap = 64 << 20 },
            },
            MaskedPaths = ProtectedPaths.Masked,
            ReadonlyPaths = ProtectedPaths.ReadOnly,
            Seccomp = DefaultProfile.Build(DefaultCapabilities),
        },
    };

    /// <summary>What bubblewrap is asked for: namespaces, /proc and /dev; no limits, no filter.</summary>
    internal static OciSpec Bare(string root) => new()
    {
        OciVersion = "1.0.2",
        Root = new OciRoot(root),
        Mounts = [.. StandardMounts.All.Where(m => m.Destination is "/proc" or "/dev" or "/dev/pts" or "/dev/shm")],
        Process = Command(),
        Linux = Namespaces(),
    };

    internal static string Write(string folder, string name, OciSpec spec)
    {
        string bundle = Path.Combine(folder, name);
        Directory.CreateDirectory(bundle);
        File.WriteAllBytes(Path.Combine(bundle, "config.json"), JsonSerializer.SerializeToUtf8Bytes(spec, OciJson.Default.OciSpec));
        return bundle;
    }

    private static OciProcess Command() => new() { Args = ["/bin/true"], Cwd = "/", Env = ["PATH=/bin"], NoNewPrivileges = true };

    private static OciLinux Namespaces()
    {
        OciIdMapping[] mapping = [new(0, HostIdBase, 65536)];
        return new OciLinux
        {
            Namespaces = [.. ((string[])["user", "pid", "network", "ipc", "uts", "mount", "cgroup"]).Select(t => new OciNamespace(t))],
            UidMappings = mapping,
            GidMappings = mapping,
            CgroupsPath = "quilt-bench/launcher",
        };
    }
}
