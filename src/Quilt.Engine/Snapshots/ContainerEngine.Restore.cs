using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Gives a container the files of a snapshot again: what it has written since is gone. Of its image's volumes alone anything is copied.</summary>
    /// <param name="snapshot">Its id; of the container, or of any with the same image.</param>
    /// <param name="force">One that runs is stopped, and started again with the snapshot's files.</param>
    /// <exception cref="QuiltException">FailedPrecondition: it runs, and <paramref name="force"/> is not set; the snapshot is of another image. All is as it was.</exception>
    public async Task<ContainerRecord> RestoreAsync(ContainerId id, string snapshot, bool force, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using IDisposable held = _snapshots.Hold(snapshot);
        RequireSameImage(container.Record, _snapshots.TryGet(snapshot)!);
        RequireVolumes(_snapshots.TryGet(snapshot)!);
        bool ran = container.Record.IsRunning;
        if (ran)
        {
            RequireRestorable(container.Record, force);
        }

        try
        {
            if (ran)
            {
                // Given up in the middle it would end all the same, and nobody would start it again.
                await StopAsync(id, null, null, CancellationToken.None).ConfigureAwait(false);
            }

            await ExchangeUndisturbedAsync(container, snapshot, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (ran && !container.IsRemoved && container.Record.State is ContainerState.Exited && e is (QuiltException or SyscallException or IOException or OperationCanceledException))
        {
            // With the files that it has: it ran before.
            await StartAsync(id, null, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return ran ? await StartAsync(id, null, CancellationToken.None).ConfigureAwait(false) : container.Record;
    }

    private async Task ExchangeUndisturbedAsync(Container container, string snapshot, CancellationToken cancellation)
    {
        using Container.Release reading = await container.ReadAsync(cancellation).ConfigureAwait(false);
        using Container.Release gate = await container.EnterAsync(cancellation).ConfigureAwait(false);
        await ExchangeAsync(container, snapshot, cancellation).ConfigureAwait(false);
    }

    /// <summary>One that runs.</summary>
    private static void RequireRestorable(ContainerRecord record, bool force)
    {
        if (!force)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"cannot restore the container '{record.Name}': it is {record.State.Name}", "stop it first; or give force, and it is stopped, restored and started again", "force");
        }

        if (record.Spec.AutoRemove)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the container '{record.Name}' removes itself when it ends, and cannot be restored", "fork the snapshot (forkContainer)", "container");
        }
    }

    private async Task ExchangeAsync(Container container, string snapshot, CancellationToken cancellation)
    {
        ContainerRecord record = container.Record;
        if (container.IsRemoved)
        {
            throw ContainerTable.NotFound(record.Name.Value);
        }

        if (record.State is not (ContainerState.Created or ContainerState.Exited))
        {
            throw Not("restore", record, "only one that is created or exited can be given other files");
        }

        await UnprepareAsync(container).ConfigureAwait(false);
        await StageVolumesAsync(container, snapshot, cancellation).ConfigureAwait(false);

        // From here on it is on its way: whoever looks at it next finishes what a crash leaves.
        Change(container, record with { Snapshot = snapshot, Restoring = true }, new NewEvent(EventTypes.Restored, ("snapshot", snapshot)));
        FinishRestoring(container);
        _snapshots.Collect(record.Snapshot);
    }

    /// <summary>Throws away what it wrote before it was restored. Once that is done, it is done for good.</summary>
    private void FinishRestoring(Container container)
    {
        if (container.Record.Restoring)
        {
            EmptyUpper(container);
            TakeStagedVolumes(container);
            Change(container, container.Record with { Restoring = false });
        }
    }

    private static void RequireSameImage(ContainerRecord record, SnapshotRecord snapshot)
    {
        if (record.ImageDigest != snapshot.ImageDigest)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"the snapshot '{snapshot.Name?.Value ?? snapshot.Id}' is of the image {snapshot.Spec.Image} ({snapshot.ImageDigest}), the container '{record.Name}' of {record.Spec.Image} ({record.ImageDigest})",
                "fork the snapshot (forkContainer), or give one of a container of the same image", "snapshot");
        }
    }
}
