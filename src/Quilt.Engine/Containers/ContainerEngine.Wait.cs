using System.Text.RegularExpressions;
using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Waits until its command has ended: the present run's, or the first one's where it was never started.</summary>
    /// <returns>The record, exited or being removed.</returns>
    /// <exception cref="QuiltException">Aborted: it was removed and never ran.</exception>
    public async Task<ContainerRecord> WaitExitedAsync(ContainerId id, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        return await container.WaitAsync(r => r.State is ContainerState.Exited or ContainerState.Removing { Exit: not null }, cancellation).ConfigureAwait(false)
            ?? throw new QuiltException(ErrorCode.Aborted, $"the container '{container.Record.Name}' was removed before it ever ran", "make it anew", "container");
    }

    /// <summary>Waits until its command was executed.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: it has ended, or was removed, without running on.</exception>
    public async Task<ContainerRecord> WaitRunningAsync(ContainerId id, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        ContainerRecord? record = await container.WaitAsync(r => r.State is not (ContainerState.Creating or ContainerState.Created), cancellation).ConfigureAwait(false);
        return record is { IsRunning: true } ? record : throw Not("wait for", container.Record, "start it, or wait for its exit");
    }

    /// <summary>Waits for a line in its log, those that are there already included.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: it has ended and no line has matched.</exception>
    public async Task<LogEntry> WaitLogAsync(ContainerId id, Regex pattern, CancellationToken cancellation)
    {
        await foreach (LogEntry entry in LogsAsync(id, new LogQuery { Pattern = pattern, Follow = true }, cancellation).ConfigureAwait(false))
        {
            return entry;
        }

        throw Not("wait for a line of", Get(id), $"no line matched '{pattern}' before it ended; read its log");
    }
}
