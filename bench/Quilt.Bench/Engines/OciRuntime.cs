using System.Text.Json;
using Quilt.Bench.Processes;
using Quilt.Oci;

namespace Quilt.Bench.Engines;

/// <summary>An OCI runtime's command line: runc, crun, and ours alone, without a daemon.</summary>
internal sealed class OciRuntime : IContainerEngine
{
    // Any range that no container of this run uses: the runtimes only write it into the map.
    private const uint FirstHostId = 1_900_000_000, Ids = 65536;

    private readonly Command _command;
    private readonly string _state, _idleBundle, _trueBundle, _cgroup;

    public OciRuntime(string side, Command command, string folder, string state, string rootfs, string cgroup)
    {
        Side = side;
        _command = command;
        _cgroup = cgroup;
        _state = state;
        _idleBundle = WriteBundle(Path.Combine(folder, "idle"), rootfs, Workload.Idle);
        _trueBundle = WriteBundle(Path.Combine(folder, "true"), rootfs, Workload.True);
    }

    public string Side { get; }

    public bool IsApi => false;

    public Task StartAsync(string name, CancellationToken cancel)
    {
        _command.Run("--root", _state, "run", "--detach", "--bundle", _idleBundle, name);
        return Task.CompletedTask;
    }

    public Task ExecTrueAsync(string name, CancellationToken cancel)
    {
        _command.Run(["--root", _state, "exec", name, .. Workload.True]);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string name, CancellationToken cancel)
    {
        _command.Run("--root", _state, "delete", "--force", name);
        return Task.CompletedTask;
    }

    /// <summary>The whole of <c>run</c> of <c>true</c>: launched, waited for, cleared.</summary>
    /// <returns>Milliseconds.</returns>
    public double RunTrue(string name) => _command.Run("--root", _state, "run", "--bundle", _trueBundle, name);

    /// <summary>What bubblewrap gives with --unshare-all: every namespace, /proc and /dev; the cgroup is the runtimes' own addition.</summary>
    private string WriteBundle(string bundle, string rootfs, string[] command)
    {
        OciSpec spec = new()
        {
            OciVersion = "1.0.2",
            Root = new OciRoot(rootfs),
            Hostname = "bench",
            Mounts = [.. StandardMounts.All.Where(m => m.Destination is "/proc" or "/dev" or "/dev/pts" or "/dev/shm")
                .Select(m => m.Destination == "/dev/pts" ? m with { Options = [.. m.Options.Where(o => o != "gid=5")] } : m)],
            Process = new OciProcess
            {
                Args = command,
                Cwd = "/",
                Env = ["PATH=/bin"],
                NoNewPrivileges = true,
                Capabilities = new OciCapabilities(),
            },
            Linux = new OciLinux
            {
                Namespaces = [.. ((string[])["user", "pid", "network", "ipc", "uts", "mount", "cgroup"]).Select(t => new OciNamespace(t))],
                UidMappings = [new OciIdMapping(0, FirstHostId, Ids)],
                GidMappings = [new OciIdMapping(0, FirstHostId, Ids)],
                CgroupsPath = $"/{_cgroup}/{Side.Replace(' ', '-')}-{Path.GetFileName(bundle)}",
            },
        };
        Directory.CreateDirectory(bundle);
        File.WriteAllBytes(Path.Combine(bundle, "config.json"), JsonSerializer.SerializeToUtf8Bytes(spec, OciJson.Default.OciSpec));
        return bundle;
    }
}
