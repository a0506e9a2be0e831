using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>Whose the shims in a folder of sockets are: the file there names the state folder that has their containers.</summary>
internal static class RunFolderOwner
{
    private const string FileName = "state-dir";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Takes the folder over, unless containers run there that a state folder has which is still on this host: they would be ended as nobody's.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: so it is.</exception>
    internal static async Task TakeOverAsync(EngineOptions options, CancellationToken cancellation)
    {
        string path = Path.Combine(options.RunDir, FileName);
        string? before = File.Exists(path) ? await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false) : null;
        if (before == options.StateDir)
        {
            return;
        }

        if (before is not null && Instance.TryRead(before) is { } known && known != Instance.TryRead(options.StateDir) && await FirstContainerAsync(options, cancellation).ConfigureAwait(false) is { } container)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"in the folder of sockets {options.RunDir} are containers of the quiltd whose state folder is {before}, such as {container}",
                $"give another --run-dir, or start quiltd with --state-dir {before} and remove them");
        }

        DurableFile.Write(options.RunDir, FileName, Encoding.UTF8.GetBytes(options.StateDir), synchronize: false);
    }

    private static async Task<string?> FirstContainerAsync(EngineOptions options, CancellationToken cancellation)
    {
        await foreach ((string socket, ShimLink? link, bool isSilent) in ShimLink.OpenAllAsync(ShimLink.SocketsOf(options), Patience, cancellation).ConfigureAwait(false))
        {
            using (link)
            {
                if (isSilent || link?.StateAtConnection.ContainerId is not null)
                {
                    return link?.StateAtConnection.ContainerId ?? $"the one whose shim at {socket} does not answer";
                }
            }
        }

        return null;
    }
}
