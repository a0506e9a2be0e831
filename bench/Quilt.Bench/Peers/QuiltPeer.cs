using Quilt.Bench.Engines;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Peers;

/// <summary>Ours: a daemon of this run's own, and the launcher alone.</summary>
internal sealed class QuiltPeer : IPeer
{
    private readonly Daemon _daemon;
    private readonly QuiltEngine _engine;

    private QuiltPeer(
        Daemon daemon, QuiltEngine engine, string version, string folder, string runFolder, string cgroupParent, WholeRun run, WholeRun launch, ImageCli images, ImageBuilder builder)
    {
        (_daemon, _engine, Version, Folder, RunFolder, CgroupParent, Run, Launch) = (daemon, engine, version, folder, runFolder, cgroupParent, run, launch);
        (Images, Builders) = (images, [builder]);
        Owns = p => p.CommandLine.Contains(folder, StringComparison.Ordinal) || p.CommandLine.Contains(runFolder, StringComparison.Ordinal);
    }

    public string Name => QuiltEngine.SideName;
    public string Version { get; }
    public int DaemonPid => _daemon.Pid;

    /// <summary>Holds its state.</summary>
    public string Folder { get; }

    /// <summary>Holds its sockets.</summary>
    public string RunFolder { get; }

    /// <summary>The group above its containers' groups.</summary>
    public string CgroupParent { get; }
    public IReadOnlyList<IContainerEngine> Engines => [_engine];
    public WholeRun? Run { get; }
    public WholeRun? Launch { get; }
    public ImageCli? Images { get; }
    public IReadOnlyList<ImageBuilder> Builders { get; }
    public Func<ProcessEntry, bool>? Owns { get; }

    /// <param name="bin">The folder of the built programs.</param>
    public static async Task<QuiltPeer> StartAsync(string bin, Workspace workspace, CancellationToken cancel)
    {
        string folder = workspace.Folder("quilt"), runDir = workspace.VolatileFolder("quiltd"), socket = Path.Combine(runDir, "quilt.sock");
        string cgroupParent = workspace.Name + "/quilt";
        Daemon daemon = await Daemon.StartAsync(
            Path.Combine(bin, "quiltd"), ["--state-dir", Path.Combine(folder, "state"), "--run-dir", runDir, "--socket", socket, "--cgroup-parent", cgroupParent],
            socket, Path.Combine(folder, "quiltd.log"), cancel);
        QuiltEngine engine = new(socket);
        try
        {
            string version = (await engine.Client.GetVersionAsync(new Api.V1.GetVersionRequest(), cancellationToken: cancel)).Version;
            Command command = workspace.Command(Path.Combine(bin, "quilt"));
            string[] host = ["--host", "unix://" + socket];
            WholeRun run = new(QuiltEngine.SideName, () => command.Run([.. host, "run", "--rm", "--", .. Workload.True]));
            string[] prune = ["image", "prune", "--build-cache", "--force"];
            ImageCli images = new(QuiltEngine.SideName, command, host) { Prune = prune };
            ImageBuilder builder = new(QuiltEngine.SideName, command, host, KeepsSteps: true) { Prune = prune, MakeBase = () => images.Import(workspace.Archive, Workload.BuildBase) };
            return new QuiltPeer(
                daemon, engine, "quilt " + version, folder, runDir, cgroupParent, run, OciPeer.LaunchOf(QuiltEngine.SideName, Path.Combine(bin, "quilt-oci"), workspace), images, builder);
        }
        catch
        {
            engine.Dispose();
            await daemon.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _engine.Dispose();
        await _daemon.DisposeAsync();
    }
}
