using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const string BootSetting = "boot_id";

    /// <summary>Brings together what the database says, what the shims have and what is on the disk. The shims and the disk know better.</summary>
    /// <param name="containers">What the database says.</param>
    private async Task ReconcileAsync(IReadOnlyList<ContainerRecord> containers, CancellationToken cancellation)
    {
        string boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", cancellation).ConfigureAwait(false)).Trim();
        bool restarted = Settings.Read(_database, BootSetting) is { } before && before != boot;
        ResumeVolumes();
        Dictionary<string, ShimLink> shims = await ConnectShimsAsync(cancellation).ConfigureAwait(false);
        foreach (ContainerRecord record in containers)
        {
            Container container = new(record, LayoutOf(record));
            _containers.Add(container);
            _hostIds.Reserve(record.HostIdBase);
            shims.Remove(record.Id.Value, out ShimLink? shim);
            await ReconcileAsync(container, shim, restarted).ConfigureAwait(false);
        }

        foreach (ShimLink strange in shims.Values)
        {
            // Made for a container that was not to be made to its end.
            await AbandonAsync(strange).ConfigureAwait(false);
            TellOrphan("shim", strange.StateAtConnection.ContainerId ?? "");
        }

        RemoveStrangers();
        _snapshots.CollectAll();
        TrimHostLayers();
        ResumeWiring();
        _database.Write(writer =>
        {
            writer.Set(BootSetting, boot);
            writer.Append(DateTimeOffset.UtcNow, EventTypes.DaemonStarted, null);
            writer.Trim(EventRows.LastCursor(_database), _options.EventsKept);
        });
    }

    private async Task ReconcileAsync(Container container, ShimLink? shim, bool hostRestarted)
    {
        ContainerRecord record = container.Record;
        LogReconciling(record.Id.Value, record.State.Name, shim?.StateAtConnection.Status ?? "no shim");
        bool ofHalfAFork = record.Snapshot is { } stands && _snapshots.TryGet(stands) is { Pending: true };
        if (record.State is ContainerState.Removing || record.Spec.Build.Length > 0 || ofHalfAFork)
        {
            await UndoAsync(container, shim).ConfigureAwait(false);
            return;
        }

        ShimState? state = shim?.StateAtConnection;
        if (shim is not null && state is { Status: "created" or "running" })
        {
            container.Shim = shim;
            container.Init = state.Process is { } init ? new ProcessIdentity(init.Pid, init.StartTime) : null;
            if (state is { Status: "running", Process: { } process, StartedAt: { } startedAt })
            {
                ContainerState.Running running = new(new ProcessIdentity(process.Pid, process.StartTime), startedAt) { Paused = IsPaused(record) };
                Keep(container, running, record.State as ContainerState.Running == running ? null : EventTypes.Started);
                WatchHealth(container);
            }

            RepairMounts(container);

            shim.Follow(exit => OnEndAsync(container, shim, exit));
        }
        else
        {
            await ReconcileEndedAsync(container, shim, hostRestarted).ConfigureAwait(false);
        }

        SettleLimits(container);
        await SettleDiskAsync(container).ConfigureAwait(false);
        WatchLimits(container, JudgeOf(container.Record));
        ArmExpiry(container);
    }

    /// <summary>As its owner wants it. One that is frozen otherwise is so because somebody read its files when the daemon died: it is thawed.</summary>
    private bool IsPaused(ContainerRecord record)
    {
        ICgroup group = GroupOf(record);
        bool frozen = group.IsFrozen, wanted = record.State is ContainerState.Running { Paused: true };
        if (frozen && !wanted)
        {
            group.SetFrozen(false);
        }

        return frozen && wanted;
    }

    /// <summary>Nothing of it runs any more.</summary>
    private async Task ReconcileEndedAsync(Container container, ShimLink? shim, bool hostRestarted)
    {
        ContainerRecord record = container.Record;
        shim?.Dispose();
        CgroupStatistics? used = UsedAtEnd(record);
        await RemoveGroupAsync(record).ConfigureAwait(false);
        FinishRestoring(container);
        RepairMounts(container);
        record = container.Record;
        ContainerExit? known = ExitOnDisk(container.Layout);
        if (record.State is ContainerState.Running running)
        {
            SetExited(container, running, known ?? Lost(hostRestarted ? ContainerExit.HostRestarted : ContainerExit.ShimLost), used, []);
        }
        else if (known is not null && (record.State is not ContainerState.Exited { Exit: var told } || told.At != known.At))
        {
            // Started, ended, and we did not live to write either down.
            SetExited(container, null, known, null, []);
        }

        RemoveEnded(container);
    }

    private void Keep(Container container, ContainerState.Running running, string? eventType)
    {
        ContainerRecord record = container.Record with { State = running with { Health = HealthOf(container.Record) } };
        if (eventType is null)
        {
            container.Set(record);
        }
        else
        {
            Change(container, record, new NewEvent(eventType));
        }
    }

    /// <summary>Takes away what was half removed, and the steps of builds that ended with their daemon.</summary>
    private async Task UndoAsync(Container container, ShimLink? shim)
    {
        container.Shim = shim;
        ForgetWiring(container.Id);
        await Clean(container).ConfigureAwait(false);
        _database.Write(writer =>
        {
            writer.Delete(container.Record);
            writer.Append(DateTimeOffset.UtcNow, EventTypes.Removed, container.Record);
        });
        _containers.Remove(container);
        _hostIds.Give(container.Record.HostIdBase);
    }

    /// <summary>By their containers' ids. Sockets on which nobody listens are removed.</summary>
    private async Task<Dictionary<string, ShimLink>> ConnectShimsAsync(CancellationToken cancellation)
    {
        Dictionary<string, ShimLink> found = new(StringComparer.Ordinal);
        await foreach ((string socket, ShimLink? link) in ShimLink.OpenAllAsync(_options, cancellation).ConfigureAwait(false))
        {
            if (link is null)
            {
                File.Delete(socket);
            }
            else if (link.StateAtConnection.ContainerId is not { } id || !found.TryAdd(id, link))
            {
                link.Dispose(); // it waited for a container, and goes when nobody is connected
            }
        }

        return found;
    }

    /// <summary>Folders and control groups of containers that are in no row.</summary>
    private void RemoveStrangers()
    {
        foreach (string folder in Directory.EnumerateDirectories(_containersDir).Where(IsStrange))
        {
            _trash.Throw(folder);
            TellOrphan("folder", Path.GetFileName(folder));
        }

        foreach (string path in GroupsBelow("").Where(g => !Path.GetFileName(g).StartsWith(GroupPrefix, StringComparison.Ordinal) && IsStrange(g)))
        {
            RemoveGroup(path);
            TellOrphan("control group", Path.GetFileName(path));
        }

        bool IsStrange(string path) => !ContainerId.TryParse(Path.GetFileName(path), out ContainerId id) || _containers.TryGet(id) is null;
    }

    /// <summary>What a daemon left that died while it made or removed a container.</summary>
    private void TellOrphan(string what, string container) => Tell(EventTypes.OrphanRemoved, "", ("what", what), ("container", container));

    [LoggerMessage(EventId = 40, Level = LogLevel.Debug, Message = "found {Container} {State} in the database; its shim: {Shim}")]
    private partial void LogReconciling(string container, string state, string shim);
}
