using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const string BootSetting = "boot_id";

    /// <summary>A shim answers in a moment, unless it is held up.</summary>
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(5), LastPatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Brings together what the database says, what the shims have and what is on the disk. The shims and the disk know better. What cannot
    /// be brought in order keeps nothing else from it: it is said, and left to whoever next works with it.
    /// </summary>
    /// <param name="containers">What the database says.</param>
    private async Task ReconcileAsync(IReadOnlyList<ContainerRecord> containers, CancellationToken cancellation)
    {
        string boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", cancellation).ConfigureAwait(false)).Trim();
        bool restarted = Settings.Read(_database, BootSetting) is { } before && before != boot;
        ResumeVolumes();
        Dictionary<string, ShimLink> shims = await ConnectShimsAsync(containers, cancellation).ConfigureAwait(false);
        foreach (ContainerRecord record in containers)
        {
            Container container = new(record, LayoutOf(record));
            _containers.Add(container);
            _hostIds.Reserve(record.HostIdBase);
            shims.Remove(record.Id.Value, out ShimLink? shim);
            await AttemptAsync(record.Id.Value, () => ReconcileAsync(container, shim, restarted)).ConfigureAwait(false);
        }

        foreach (ShimLink strange in shims.Values)
        {
            // Made for a container that was not to be made to its end.
            await AbandonAsync(strange).ConfigureAwait(false);
            Attempt("a strange shim", () => TellOrphan("shim", strange.StateAtConnection.ContainerId ?? ""));
        }

        Attempt(_containersDir, RemoveStrangeFolders);
        Attempt(_cgroupParent, RemoveStrangeGroups);
        _snapshots.CollectAll();
        Attempt("the host's layers", TrimHostLayers);
        ResumeWiring();
        Attempt("the database", () => _database.Write(writer =>
        {
            writer.Set(BootSetting, boot);
            writer.Append(DateTimeOffset.UtcNow, EventTypes.DaemonStarted, null);
        }));
    }

    private void Attempt(string what, Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (IsOfHost(e))
        {
            LogNotInOrder(e, what);
        }
    }

    private async Task AttemptAsync(string what, Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfHost(e))
        {
            LogNotInOrder(e, what);
        }
    }

    /// <summary>A full disk, a mount or a process in the way: not our own mistake.</summary>
    private static bool IsOfHost(Exception e) => e is QuiltException or SyscallException or IOException or UnauthorizedAccessException;

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

        if (shim is { StateAtConnection: { Status: "created" or "running" } state })
        {
            TakeUp(container, shim, state);
        }
        else
        {
            await ReconcileEndedAsync(container, shim, hostRestarted).ConfigureAwait(false);
        }

        Attempt(record.Id.Value, () => SettleLimits(container));
        await AttemptAsync(record.Id.Value, () => SettleDiskAsync(container)).ConfigureAwait(false);
        Attempt(record.Id.Value, () => WatchLimits(container, JudgeOf(container.Record)));
        ArmExpiry(container);
    }

    private void TakeUp(Container container, ShimLink shim, ShimState state)
    {
        container.Shim = shim;
        container.Init = state.Process is { } init ? new ProcessIdentity(init.Pid, init.StartTime) : null;
        if (state is { Status: "running", Process: { } process, StartedAt: { } startedAt })
        {
            ContainerState.Running running = new(new ProcessIdentity(process.Pid, process.StartTime), startedAt) { Paused = IsPaused(container.Record) };
            Keep(container, running, container.Record.State as ContainerState.Running == running ? null : EventTypes.Started);
            WatchHealth(container);
        }

        Attempt(container.Id.Value, () => RepairMounts(container));
        shim.Follow(exit => OnEndAsync(container, shim, exit));
    }

    /// <summary>As its owner wants it. One that is frozen otherwise is so because somebody read its files when the daemon died: it is thawed.</summary>
    private bool IsPaused(ContainerRecord record)
    {
        ICgroup group = GroupOf(record);
        bool frozen = group.IsFrozen, wanted = record.State is ContainerState.Running { Paused: true };
        if (frozen && !wanted)
        {
            Attempt(record.Id.Value, () => group.SetFrozen(false));
            return group.IsFrozen; // then it is told as what it is
        }

        return frozen;
    }

    /// <summary>Nothing of it runs any more.</summary>
    private async Task ReconcileEndedAsync(Container container, ShimLink? shim, bool hostRestarted)
    {
        ContainerRecord record = container.Record;
        shim?.Dispose();
        CgroupStatistics? used = UsedAtEnd(record);
        await TryRemoveGroupAsync(record).ConfigureAwait(false);
        Attempt(record.Id.Value, () => FinishRestoring(container)); // or the next start does
        Attempt(record.Id.Value, () => RepairMounts(container));
        record = container.Record;
        ContainerExit? known = await ReadExitAsync(container.Layout).ConfigureAwait(false);
        if (record.State is ContainerState.Running running)
        {
            SetExited(container, running, known ?? Lost(hostRestarted ? ContainerExit.HostRestarted : ContainerExit.ShimLost), used, default, []);
        }
        else if (known is not null && (record.State is not ContainerState.Exited { Exit: var told } || told.At != known.At))
        {
            // Started, ended, and we did not live to write either down.
            SetExited(container, null, known, null, default, []);
        }

        RemoveEnded(container);
    }

    private void Keep(Container container, ContainerState.Running running, string? eventType)
    {
        ContainerRecord record = container.Record with { State = running with { Health = HealthOf(container.Record) } };
        if (eventType is not null)
        {
            Attempt(record.Id.Value, () => Change(container, record, new NewEvent(eventType)));
        }

        container.Set(record); // it runs, also where that cannot be written down
    }

    /// <summary>Takes away what was half removed, and the steps of builds that ended with their daemon: now, or later.</summary>
    private async Task UndoAsync(Container container, ShimLink? shim)
    {
        container.Shim = shim;
        ICgroup group = GroupOf(container.Record);
        if (group.IsFrozen)
        {
            Attempt(container.Id.Value, group.KillAll); // it ends only when it goes on (v1)
        }

        if (!await TryRemoveAsync(container, null).ConfigureAwait(false))
        {
            RemoveInBackground(container);
        }
    }

    /// <summary>By their containers' ids. Sockets on which nobody listens are removed.</summary>
    private async Task<Dictionary<string, ShimLink>> ConnectShimsAsync(IReadOnlyList<ContainerRecord> containers, CancellationToken cancellation)
    {
        Dictionary<string, ShimLink> found = new(StringComparer.Ordinal);
        IReadOnlyList<string> silent = await ConnectAsync(ShimLink.SocketsOf(_options), FirstPatience, found, cancellation).ConfigureAwait(false);
        if (silent.Count == 0)
        {
            return found;
        }

        // An exec that was frozen on its way in holds the shim of an earlier Quilt up (v1): what stands still goes on for a moment.
        ContainerRecord[] thawed = [.. containers.Where(c => c.IsRunning && !found.ContainsKey(c.Id.Value) && GroupOf(c).IsFrozen)];
        Array.ForEach(thawed, c => Attempt(c.Id.Value, () => GroupOf(c).SetFrozen(false)));
        foreach (string socket in await ConnectAsync(silent, LastPatience, found, cancellation).ConfigureAwait(false))
        {
            LogSilent(socket);
        }

        foreach (ContainerRecord paused in thawed.Where(c => c.State is ContainerState.Running { Paused: true } && found.ContainsKey(c.Id.Value)))
        {
            Attempt(paused.Id.Value, () => GroupOf(paused).SetFrozen(true));
        }

        return found;
    }

    /// <returns>The sockets whose shims do not answer.</returns>
    private static async Task<IReadOnlyList<string>> ConnectAsync(IReadOnlyList<string> sockets, TimeSpan patience, Dictionary<string, ShimLink> found, CancellationToken cancellation)
    {
        List<string> silent = [];
        await foreach ((string socket, ShimLink? link, bool isSilent) in ShimLink.OpenAllAsync(sockets, patience, cancellation).ConfigureAwait(false))
        {
            if (isSilent)
            {
                silent.Add(socket);
            }
            else if (link is null)
            {
                File.Delete(socket);
            }
            else if (link.StateAtConnection.ContainerId is not { } id || !found.TryAdd(id, link))
            {
                link.Dispose(); // it waited for a container, and goes when nobody is connected
            }
        }

        return silent;
    }

    private void RemoveStrangeFolders()
    {
        foreach (string folder in Directory.EnumerateDirectories(_containersDir).Where(IsStrange))
        {
            Attempt(folder, () =>
            {
                _trash.Throw(folder);
                TellOrphan("folder", Path.GetFileName(folder));
            });
        }
    }

    private void RemoveStrangeGroups()
    {
        foreach (string path in GroupsBelow("").Where(g => !Path.GetFileName(g).StartsWith(GroupPrefix, StringComparison.Ordinal) && IsStrange(g)))
        {
            Attempt(path, () =>
            {
                RemoveGroup(path);
                TellOrphan("control group", Path.GetFileName(path));
            });
        }
    }

    /// <summary>Of a container that is in no row.</summary>
    private bool IsStrange(string path) => !ContainerId.TryParse(Path.GetFileName(path), out ContainerId id) || _containers.TryGet(id) is null;

    /// <summary>What a daemon left that died while it made or removed a container.</summary>
    private void TellOrphan(string what, string container) => Tell(EventTypes.OrphanRemoved, "", ("what", what), ("container", container));

    [LoggerMessage(EventId = 44, Level = LogLevel.Error, Message = "what an earlier quiltd left of {What} could not be brought in order")]
    private partial void LogNotInOrder(Exception failure, string what);

    [LoggerMessage(EventId = 46, Level = LogLevel.Error, Message = "the shim at {Socket} does not answer: its container is taken for lost, and ends")]
    private partial void LogSilent(string socket);

    [LoggerMessage(EventId = 40, Level = LogLevel.Debug, Message = "found {Container} {State} in the database; its shim: {Shim}")]
    private partial void LogReconciling(string container, string state, string shim);
}
