using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Takes it away with all it wrote.</summary>
    /// <param name="force">Also where it runs: it is killed.</param>
    /// <exception cref="QuiltException">FailedPrecondition where it runs and <paramref name="force"/> is not set.</exception>
    public async Task<ContainerId> RemoveAsync(ContainerId id, bool force, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        await RemoveAsync(container, force, cancellation).ConfigureAwait(false);
        return container.Id;
    }

    /// <param name="still">Asked when nobody else can change it any more: whether it is still to go. Null: it is.</param>
    private async Task RemoveAsync(Container container, bool force, CancellationToken cancellation, Func<ContainerRecord, bool>? still = null)
    {
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            ContainerRecord record = container.Record;
            if (container.IsRemoved)
            {
                throw ContainerTable.NotFound(record.Name.Value);
            }

            if (still is not null && !still(record))
            {
                return;
            }

            if (record.State is ContainerState.Creating || (record.IsRunning && !force))
            {
                throw Not("remove", record, record.IsRunning ? "stop it first, or remove it by force" : "wait until it is made");
            }

            using CgroupFreezer? freezer = container.Shim is null ? null : OpenFreezerToEnd(record);

            // From here on it goes, whoever gives up waiting; a crash's rest is done at the next start.
            ContainerExit? exit = record.State switch { ContainerState.Exited ended => ended.Exit, ContainerState.Removing begun => begun.Exit, _ => null };
            SetRemoving(container, record with { State = new ContainerState.Removing(exit) });
            if (container.Shim is { } shim)
            {
                container.Shim = null;
                exit = await AbandonAsync(shim, freezer is null ? null : record, freezer).ConfigureAwait(false);
                container.Set(record with { State = new ContainerState.Removing(exit) });
            }

            KeepTraffic(container);

            ForgetWiring(record.Id);
            await RemoveGroupAsync(record).ConfigureAwait(false);
            await ForgetAsync(record, _trash.Throw(container.Layout.Root)).ConfigureAwait(false);
            _containers.Remove(container);
            _hostIds.Give(record.HostIdBase);
            container.SetRemoved();
            _snapshots.Collect(record.Snapshot);
            _events.Beat();
        }
    }

    /// <summary>On a full disk the intent cannot be written, and removing is what makes space: it goes on without, as it does where the database is held.</summary>
    private void SetRemoving(Container container, ContainerRecord removing)
    {
        try
        {
            Change(container, removing);
        }
        catch (QuiltException e) when (Database.CannotBeWritten(e))
        {
            container.Set(removing);
        }
    }

    /// <param name="deleted">Done when the container's files are.</param>
    private async Task ForgetAsync(ContainerRecord record, Task deleted)
    {
        void Forget() => _database.Write(writer =>
        {
            writer.Delete(record);
            writer.Append(DateTimeOffset.UtcNow, EventTypes.Removed, record);
        });
        try
        {
            Forget();
        }
        catch (QuiltException e) when (Database.CannotBeWritten(e))
        {
            await deleted.ConfigureAwait(false);
            Forget();
        }
    }

    /// <summary>Where it is to go when it has ended, unless it runs again.</summary>
    private void RemoveEnded(Container container)
    {
        // Also where its removal has begun, and failed.
        bool IsToGo(ContainerRecord record) => record.Spec.AutoRemove && record.State is ContainerState.Exited or ContainerState.Removing && !container.IsRestarting;
        if (IsToGo(container.Record))
        {
            RemoveInBackground(container, IsToGo);
        }
    }

    /// <summary>Nobody waits for it, so nobody asks again where it fails, such as on a full disk: that is done here.</summary>
    private void RemoveInBackground(Container container, Func<ContainerRecord, bool>? still = null) => _ = Task.Run(async () =>
    {
        GrowingPause pause = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10));
        while (!await TryRemoveAsync(container, still).ConfigureAwait(false) && await pause.WaitAsync(_closing.Token).ConfigureAwait(false))
        {
        }
    });

    /// <returns>Whether there is nothing more to do.</returns>
    private async Task<bool> TryRemoveAsync(Container container, Func<ContainerRecord, bool>? still)
    {
        try
        {
            await RemoveAsync(container, force: true, CancellationToken.None, still).ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
        {
            // Somebody else was faster.
        }
        catch (Exception e) when (e is QuiltException or SyscallException or IOException)
        {
            LogNotRemoved(e, container.Id.Value);
            return false;
        }

        return true;
    }

    /// <summary>Sets the clock for a container that is to live for a given time.</summary>
    private void ArmExpiry(Container container)
    {
        if (container.Record.ExpiresAt is { } expires && !container.IsRemoved)
        {
            container.Expiry?.Dispose();
            container.Expiry = new Alarm(expires, () => Expire(container));
        }
    }

    private void Expire(Container container)
    {
        static bool IsOver(ContainerRecord record) => record.ExpiresAt <= DateTimeOffset.UtcNow;
        if (!IsOver(container.Record))
        {
            return; // whoever gave it more time sets another alarm
        }

        // Where it cannot be told the removal goes on, and is told itself.
        if (_database.TryWrite(writer => writer.Append(DateTimeOffset.UtcNow, EventTypes.Expired, container.Record)))
        {
            _events.Beat();
        }

        RemoveInBackground(container, IsOver);
    }

    [LoggerMessage(EventId = 31, Level = LogLevel.Error, Message = "{Container} could not be removed, which is tried again")]
    private partial void LogNotRemoved(Exception failure, string container);
}
