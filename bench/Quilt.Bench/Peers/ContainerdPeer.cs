using Quilt.Bench.Engines;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Peers;

/// <summary>containerd without docker above it: a daemon of this run's own, driven by <c>ctr</c>.</summary>
internal sealed class ContainerdPeer : IPeer
{
    private readonly Daemon _daemon;
    private readonly ContainerdCli _cli;

    private ContainerdPeer(Daemon daemon, ContainerdCli cli, string version, string folder)
    {
        (_daemon, _cli, Version) = (daemon, cli, version);
        Run = new WholeRun(cli.Side, cli.RunTrue);
        Owns = p => p.CommandLine.Contains(folder, StringComparison.Ordinal);
    }

    public string Name => "containerd";
    public string Version { get; }
    public IReadOnlyList<IContainerEngine> Engines => [_cli];
    public WholeRun? Run { get; }
    public Func<ProcessEntry, bool>? Owns { get; }

    /// <returns>Null where it, or its command line, is not installed.</returns>
    /// <exception cref="BenchException">It does not run a container on this host.</exception>
    public static async Task<ContainerdPeer?> StartAsync(Workspace workspace, CancellationToken cancel)
    {
        if (Programs.Find("containerd") is not { } program || Programs.Find("ctr") is not { } ctr)
        {
            return null;
        }

        string folder = workspace.Folder("containerd"), state = workspace.VolatileFolder("containerd");
        string socket = Path.Combine(state, "containerd.sock"), configuration = Path.Combine(folder, "config.toml");
        File.WriteAllText(configuration, """
            version = 2
            disabled_plugins = ["io.containerd.grpc.v1.cri"]

            """);
        Daemon daemon = await Daemon.StartAsync(
            program, ["--config", configuration, "--root", Path.Combine(folder, "root"), "--state", state, "--address", socket], socket, Path.Combine(folder, "containerd.log"), cancel);
        try
        {
            ContainerdCli cli = new(workspace.Command(ctr), ["--address", socket], ["--cgroup", $"/{workspace.Name}/containerd"], workspace.Rootfs);
            cli.RunTrue();
            return new ContainerdPeer(daemon, cli, Probe.FirstLine(program, ["--version"]), state);
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();
}
