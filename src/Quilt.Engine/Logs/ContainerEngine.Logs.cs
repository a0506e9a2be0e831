using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>What its command wrote, in the order it was written.</summary>
    /// <exception cref="QuiltException">NotFound.</exception>
    public IAsyncEnumerable<LogEntry> LogsAsync(ContainerId id, LogQuery query, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        return LogFollower.ReadAsync(
            container.Layout.Logs, query,
            cancel => FollowAsync(container, null, cancel), cancellation);
    }

    /// <returns>Null where nothing writes to it any more.</returns>
    private static async Task<ShimConnection?> FollowAsync(Container container, string? execId, CancellationToken cancellation)
    {
        if (container.Shim is not { } shim)
        {
            return null;
        }

        try
        {
            return await shim.OpenAsync(new ShimRequest { FollowLog = new FollowLogRequest(execId) }, cancellation).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code is ErrorCode.Unavailable or ErrorCode.NotFound or ErrorCode.FailedPrecondition)
        {
            return null; // it has just ended, and its shim may have another container by now
        }
    }
}
