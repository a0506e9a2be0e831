namespace Quilt.Bench.Peers;

/// <summary>The sides that are asked for and installed; a missing one is said, not an error. What has begun ends with them, whatever stops the others' beginning.</summary>
internal sealed class InstalledPeers : IAsyncDisposable
{
    private readonly List<IPeer> _peers = [];

    public IReadOnlyList<IPeer> All => _peers;

    public async Task StartAsync(BenchOptions options, Workspace workspace, CancellationToken cancel)
    {
        foreach (string name in BenchOptions.Sides.Where(s => options.Peers?.Contains(s) ?? true))
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                if (await StartOneAsync(name, options, workspace, cancel) is { } peer)
                {
                    _peers.Add(peer);
                }
                else
                {
                    await Console.Error.WriteLineAsync($"{name}: not installed, left out");
                }
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && e is (BenchException or Grpc.Core.RpcException))
            {
                await Console.Error.WriteLineAsync($"{name}: left out: {e.Message}");
            }
        }
    }

    /// <summary>The last first; one that does not end in order keeps none of the others.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (IPeer peer in _peers.AsEnumerable().Reverse())
        {
            try
            {
                await peer.DisposeAsync();
            }
            catch (Exception e) when (e is BenchException or HttpRequestException or TaskCanceledException or IOException)
            {
                await Console.Error.WriteLineAsync($"{peer.Name}: {e.Message}");
            }
        }
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
