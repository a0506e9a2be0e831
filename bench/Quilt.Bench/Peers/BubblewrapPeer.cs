using Quilt.Bench.Engines;

namespace Quilt.Bench.Peers;

/// <summary>bubblewrap: no daemon, no images, no cgroups, nothing kept; the least that enters all namespaces.</summary>
internal sealed class BubblewrapPeer : IPeer
{
    private BubblewrapPeer(WholeRun launch, string version) => (Launch, Version) = (launch, version);

    public string Name => "bubblewrap";
    public string Version { get; }
    public WholeRun? Launch { get; }

    public static BubblewrapPeer? Start(Workspace workspace)
    {
        if (Programs.Find("bwrap") is not { } program)
        {
            return null;
        }

        Processes.Command command = workspace.Command(program);
        string[] arguments =
        [
            "--unshare-all", "--uid", "0", "--gid", "0", "--hostname", "bench",
            "--bind", workspace.Rootfs, "/", "--proc", "/proc", "--dev", "/dev", "--", .. Workload.True,
        ];
        return new BubblewrapPeer(new WholeRun("bubblewrap", () => command.Run(arguments)), Probe.FirstLine(program, ["--version"]));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
