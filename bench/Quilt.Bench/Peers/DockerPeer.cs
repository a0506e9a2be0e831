using Quilt.Bench.Engines;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Peers;

/// <summary>Docker, by its HTTP interface and by its command line: the host's daemon where one runs, else one of this run's own.</summary>
internal sealed class DockerPeer : IPeer
{
    private const string HostSocket = "/var/run/docker.sock";

    private readonly Daemon? _daemon;
    private readonly DockerApi _api;
    private readonly ContainerCli? _cli;
    private readonly Action _removeImage;

    private DockerPeer(Daemon? daemon, DockerApi api, ContainerCli? cli, ImageCli images, Action removeImage, string version, Func<ProcessEntry, bool> owns)
    {
        (_daemon, _api, _cli, _removeImage, Version, Owns) = (daemon, api, cli, removeImage, version, owns);
        Run = cli is null ? null : new WholeRun(cli.Side, cli.RunTrue);
        Images = images;
    }

    public string Name => "docker";
    public string Version { get; }
    public IReadOnlyList<IContainerEngine> Engines => _cli is null ? [_api] : [_api, _cli];
    public WholeRun? Run { get; }
    public ImageCli? Images { get; }
    public Func<ProcessEntry, bool>? Owns { get; }

    /// <returns>Null where neither a daemon runs nor dockerd is installed.</returns>
    public static async Task<DockerPeer?> StartAsync(Workspace workspace, CancellationToken cancel)
    {
        string? program = Programs.Find("docker");
        if (program is null)
        {
            return null;
        }

        string socket = HostSocket;
        Daemon? daemon = null;
        string folder = workspace.Folder("docker");
        Func<ProcessEntry, bool> owns = p => p.Name is "dockerd" or "containerd" || p.Name.StartsWith("containerd-shim", StringComparison.Ordinal);
        if (!await Daemon.AnswersAsync(HostSocket, cancel))
        {
            if (Programs.Find("dockerd") is not { } dockerd)
            {
                return null;
            }

            socket = Path.Combine(folder, "docker.sock");
            daemon = await Daemon.StartAsync("unshare", ["--net", dockerd, .. PrivateArguments(workspace, folder, socket)], socket, Path.Combine(folder, "dockerd.log"), cancel);
            owns = p => p.CommandLine.Contains(folder, StringComparison.Ordinal);
        }

        Command command = workspace.Command(program);
        string[] host = ["--host", "unix://" + socket];
        try
        {
            command.Run([.. host, "import", workspace.Archive, Workload.Image]);
            string version = Probe.FirstLine(program, [.. host, "version", "--format", "docker {{.Server.Version}}"]);
            return new DockerPeer(
                daemon, new DockerApi(socket), new ContainerCli("docker CLI", command, host, ["--network", "none"], ["--force"], Workload.Image),
                new ImageCli("docker CLI", command, host) { RunOptions = ["--network", "none"], NetworkPid = daemon?.Pid },
                () => command.Run([.. host, "rmi", "--force", Workload.Image]), version, owns);
        }
        catch
        {
            await (daemon?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _removeImage();
        }
        finally
        {
            _api.Dispose();
            await (_daemon?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>
    /// It touches nothing of the host's: no configuration, and cgroups below this run's. Its bridge, its rules and its forwarding are what it makes by
    /// default, in a network namespace of its own.
    /// </summary>
    private static string[] PrivateArguments(Workspace workspace, string folder, string socket)
    {
        string configuration = Path.Combine(folder, "daemon.json");
        File.WriteAllText(configuration, "{}");
        return
        [
            "--config-file", configuration, "--data-root", Path.Combine(folder, "data"), "--exec-root", Path.Combine(folder, "exec"),
            "--host", "unix://" + socket, "--pidfile", Path.Combine(folder, "docker.pid"), "--cgroup-parent", $"/{workspace.Name}/docker",
        ];
    }
}
