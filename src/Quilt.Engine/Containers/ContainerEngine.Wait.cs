using System.Text.RegularExpressions;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    // How often is looked whether something listens: often where it has just begun, and never so seldom that a person would notice.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5), LastLook = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits until its command has ended: the present run's, or the first one's where it was never started. A restart ends a run too.</summary>
    /// <returns>The record, exited or being removed.</returns>
    /// <exception cref="QuiltException">Aborted: it was removed and never ran.</exception>
    public async Task<ContainerRecord> WaitExitedAsync(ContainerId id, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        DateTimeOffset? run = null;
        ContainerRecord? ended = await container.WaitAsync(HasEnded, cancellation).ConfigureAwait(false);
        return ended switch
        {
            null => throw new QuiltException(ErrorCode.Aborted, $"the container '{container.Record.Name}' was removed before it ever ran", "make it anew", "container"),
            { IsRunning: true } => container.LastExited!,
            _ => ended,
        };

        bool HasEnded(ContainerRecord record)
        {
            if (record.State is not ContainerState.Running running)
            {
                return record.State is ContainerState.Exited or ContainerState.Removing { Exit: not null };
            }

            // Runs again already: its exit came and went while nobody looked.
            run ??= running.StartedAt;
            return running.StartedAt != run && container.LastExited is not null;
        }
    }

    /// <summary>Waits until its command was executed.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: it has ended, or was removed, without running on.</exception>
    public async Task<ContainerRecord> WaitRunningAsync(ContainerId id, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        ContainerRecord? record = await container.WaitAsync(r => r.State is not (ContainerState.Creating or ContainerState.Created), cancellation).ConfigureAwait(false);
        return record is { IsRunning: true } ? record : throw Not("wait for", container.Record, "start it, or wait for its exit");
    }

    /// <summary>Waits until a probe of its health has succeeded.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: it has no health check, is unhealthy, or has ended.</exception>
    public async Task<ContainerRecord> WaitHealthyAsync(ContainerId id, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        if (container.Record.HealthCheck is null)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"the container '{container.Record.Name}' has no health check, nor has its image", "make it with one, or wait until it runs or its log says that it is ready", "until");
        }

        ContainerRecord? record = await container.WaitAsync(
            r => r.State is not (ContainerState.Creating or ContainerState.Created or ContainerState.Running { Health.Status: HealthStatus.Starting }), cancellation).ConfigureAwait(false);
        return record?.State is ContainerState.Running { Health: { } health }
            ? health.Status == HealthStatus.Healthy ? record : throw Unhealthy(record, health)
            : throw Not("wait for the health of", container.Record, "look at its log, and start it again");
    }

    private static QuiltException Unhealthy(ContainerRecord record, Health health) => new(
        ErrorCode.FailedPrecondition, $"the container '{record.Name}' is unhealthy: its last probe {health.Probes[^1].Outcome}", "look at its status for the last probes, and at its log", "container");

    /// <summary>Waits until a process in it listens on a port, on whatever address of it. Nobody is connected to.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: it has ended, or was removed, and nothing has listened.</exception>
    public async Task<ContainerRecord> WaitPortAsync(ContainerId id, int port, bool udp, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        TimeSpan pause = FirstLook;
        while (true)
        {
            Task changed = container.Changed.Next;
            ContainerRecord record = container.Record;
            if (container.IsRemoved || record.State is not (ContainerState.Creating or ContainerState.Created or ContainerState.Running))
            {
                throw Not("wait for a port of", record, "look at its log, and start it again");
            }

            if (record.State is not ContainerState.Running running)
            {
                await changed.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            if (ListeningPorts.Has(running.Process, port, udp))
            {
                return record;
            }

            await Task.WhenAny(changed, Task.Delay(pause, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            pause = changed.IsCompleted ? FirstLook : pause < LastLook ? 2 * pause : LastLook;
        }
    }

    /// <summary>Waits for a line in its log, those that are there already included.</summary>
    /// <param name="since">Only those from then on; null: from the beginning of the log.</param>
    /// <exception cref="QuiltException">FailedPrecondition: it has ended and no line has matched.</exception>
    public async Task<LogEntry> WaitLogAsync(ContainerId id, Regex pattern, DateTimeOffset? since, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        await foreach (LogEntry entry in LogsAsync(id, new LogQuery { Pattern = pattern, Since = since, Follow = true }, cancellation).ConfigureAwait(false))
        {
            return entry;
        }

        // The log ends before the end is written down; and it may run anew by now.
        ContainerRecord record = await GetCurrentAsync(id, cancellation).ConfigureAwait(false);
        throw Not("wait for a line of", record.IsRunning ? container.LastExited ?? record : record, $"no line matched '{pattern}' before it ended; read its log");
    }
}
