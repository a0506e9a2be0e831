using Quilt.Bench.Engines;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Peers;

/// <summary>Podman, with storage of this run's own.</summary>
internal sealed class PodmanPeer : IPeer
{
    private readonly ContainerCli _cli;

    private PodmanPeer(ContainerCli cli, ImageCli images, string version, string folder)
    {
        (_cli, Images, Version) = (cli, images, version);
        Run = new WholeRun(cli.Side, cli.RunTrue);
        Owns = p => p.CommandLine.Contains(folder, StringComparison.Ordinal);
    }

    public string Name => "podman";
    public string Version { get; }
    public IReadOnlyList<IContainerEngine> Engines => [_cli];
    public WholeRun? Run { get; }
    public ImageCli? Images { get; }
    public Func<ProcessEntry, bool>? Owns { get; }

    public static PodmanPeer? Start(Workspace workspace)
    {
        if (Programs.Find("podman") is not { } program)
        {
            return null;
        }

        string folder = workspace.Folder("podman");
        Command command = workspace.Command(program);
        string[] global =
        [
            "--root", Path.Combine(folder, "root"), "--runroot", Path.Combine(folder, "run"), "--tmpdir", Path.Combine(folder, "tmp"),
            "--cgroup-manager", "cgroupfs", "--events-backend", "none",
        ];
        command.Run([.. global, "import", workspace.Archive, Workload.Image]);

        // Podman raises limits to the system's maximum, which fails for a root without CAP_SYS_RESOURCE.
        string[] creation = ["--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "--cgroup-parent", $"/{workspace.Name}/podman"];
        ContainerCli With(params IReadOnlyList<string> runtime) => new("podman", command, [.. global, .. runtime], creation, ["--force", "--time", "0"], "localhost/" + Workload.Image);
        ImageCli ImagesWith(params IReadOnlyList<string> runtime) => new("podman", command, [.. global, .. runtime]) { PullOptions = ["--tls-verify=false"], RunOptions = creation };
        string version = Probe.FirstLine(program, ["--version"]);
        try
        {
            ContainerCli own = With();
            own.RunTrue();
            return new PodmanPeer(own, ImagesWith(), version, folder);
        }
        catch (BenchException) when (Programs.Find("runc") is not null)
        {
            // Its default runtime, crun, refuses hosts with cgroups of both versions.
            string[] runc = ["--runtime", "runc"];
            ContainerCli other = With(runc);
            other.RunTrue();
            return new PodmanPeer(other, ImagesWith(runc), version + " with runc", folder);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
