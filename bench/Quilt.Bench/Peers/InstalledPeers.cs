namespace Quilt.Bench.Peers;

/// <summary>Starts the sides that are asked for and installed; a missing one is said, not an error.</summary>
internal static class InstalledPeers
{
    public static async Task<IReadOnlyList<IPeer>> StartAsync(BenchOptions options, Workspace workspace, CancellationToken cancel)
    {
        List<IPeer> peers = [];
        foreach (string name in BenchOptions.Sides.Where(s => options.Peers?.Contains(s) ?? true))
        {
            try
            {
                if (await StartOneAsync(name, options, workspace, cancel) is { } peer)
                {
                    peers.Add(peer);
                }
                else
                {
                    await Console.Error.WriteLineAsync($"{name}: not installed, left out");
                }
            }
            catch (Exception e) when (e is BenchException or Grpc.Core.RpcException)
            {
                await Console.Error.WriteLineAsync($"{name}: left out: {e.Message}");
            }
        }

        return peers;
    }

    private static async Task<IPeer?> StartOneAsync(string name, BenchOptions options, Workspace workspace, CancellationToken cancel) => name switch
    {
        "quilt" => await QuiltPeer.StartAsync(options.Bin, workspace, cancel),
        "docker" => await DockerPeer.StartAsync(workspace, cancel),
        "containerd" => await ContainerdPeer.StartAsync(workspace, cancel),
        "podman" => PodmanPeer.Start(workspace),
        "buildah" => BuildahPeer.Start(workspace),
        "bubblewrap" => BubblewrapPeer.Start(workspace),
        _ => OciPeer.Start(name, workspace),
    };
}
