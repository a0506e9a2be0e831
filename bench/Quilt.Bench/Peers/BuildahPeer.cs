using Quilt.Bench.Engines;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Peers;

/// <summary>Buildah, with storage of this run's own and no network for its steps, as ours have none.</summary>
internal sealed class BuildahPeer : IPeer
{
    private static readonly string[] Prune = ["rmi", "--prune"];

    // Its default runtime, crun, refuses hosts with cgroups of both versions; some hosts let it do no more than change the root.
    private static readonly (string How, string[] Options)[] Isolations =
        [("its default isolation", []), ("runc", ["--runtime", "runc"]), ("chroot isolation", ["--isolation", "chroot"])];

    private BuildahPeer(IReadOnlyList<ImageBuilder> builders, string version) => (Builders, Version) = (builders, version);

    public string Name => "buildah";
    public string Version { get; }
    public IReadOnlyList<ImageBuilder> Builders { get; }

    /// <returns>Null where it is not installed.</returns>
    /// <exception cref="BenchException">It does not build on this host.</exception>
    public static BuildahPeer? Start(Workspace workspace)
    {
        if (Programs.Find("buildah") is not { } program)
        {
            return null;
        }

        string folder = workspace.Folder("buildah"), context = workspace.Folder("buildah-probe");
        Command command = workspace.Command(program);
        string[] global = ["--root", Path.Combine(folder, "root"), "--runroot", Path.Combine(folder, "run")];
        MakeBase(command, global, workspace.Archive);
        File.WriteAllText(Path.Combine(context, "Dockerfile"), $"FROM {Workload.BuildBase}\nRUN /bin/true\n");
        for (int i = 0; ; i++)
        {
            (string how, string[] isolation) = Isolations[i];
            string[] options = [.. isolation, "--network", "none", "--cgroup-parent", $"/{workspace.Name}/buildah"];
            ImageBuilder layers = new("buildah", command, global, KeepsSteps: true) { Options = ["--layers", .. options], Prune = Prune };
            try
            {
                layers.Build(context, "localhost/quilt-bench:probe", isCold: true);
                layers.Remove("localhost/quilt-bench:probe");
                return new BuildahPeer([layers, new("buildah, one layer", command, global, KeepsSteps: false) { Options = options, Prune = Prune }], $"{Probe.FirstLine(program, ["--version"])}, {how}");
            }
            catch (BenchException) when (i < Isolations.Length - 1)
            {
                // The next way may do.
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void MakeBase(Command command, string[] global, string archive)
    {
        const string container = "base";
        command.Run([.. global, "from", "--name", container, "scratch"]);
        command.Run([.. global, "add", container, archive, "/"]);
        command.Run([.. global, "commit", "--rm", container, Workload.BuildBase]);
    }
}
