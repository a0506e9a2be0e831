using Quilt.Bench.Engines;

namespace Quilt.Bench.Peers;

/// <summary>An OCI runtime by itself: runc, crun.</summary>
internal sealed class OciPeer : IPeer
{
    private readonly OciRuntime _runtime;

    private OciPeer(OciRuntime runtime, WholeRun launch, string version) => (_runtime, Launch, Version) = (runtime, launch, version);

    public string Name => _runtime.Side;
    public string Version { get; }
    public IReadOnlyList<IContainerEngine> Engines => [_runtime];
    public WholeRun? Launch { get; }

    /// <returns>Null where it is not installed.</returns>
    /// <exception cref="BenchException">It does not run a container on this host.</exception>
    public static OciPeer? Start(string name, Workspace workspace)
    {
        if (Programs.Find(name) is not { } program)
        {
            return null;
        }

        WholeRun launch = LaunchOf(name, program, workspace);
        launch.Measure();
        return new OciPeer(Runtime(name, program, workspace), launch, Probe.FirstLine(program, ["--version"]));
    }

    /// <summary>A whole <c>run</c> by any OCI runtime.</summary>
    public static WholeRun LaunchOf(string side, string program, Workspace workspace)
    {
        OciRuntime runtime = Runtime(side, program, workspace);
        int count = 0;
        return new WholeRun(side, () => runtime.RunTrue($"launch-{++count}"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static OciRuntime Runtime(string side, string program, Workspace workspace) =>
        new(side, workspace.Command(program), workspace.Folder(Path.GetFileName(program)), workspace.VolatileFolder(Path.GetFileName(program)), workspace.Rootfs, workspace.Name);
}
