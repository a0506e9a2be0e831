using Quilt.Core;

namespace Quilt.Engine;

/// <summary>What has come of a fork.</summary>
/// <param name="Snapshot">On which all of them stand; it goes with the last.</param>
/// <param name="Still">For how long the source was frozen; null where it was not touched.</param>
public sealed record Fork(SnapshotRecord Snapshot, IReadOnlyList<ContainerRecord> Containers, TimeSpan? Still);

public sealed partial class ContainerEngine
{
    /// <summary>Makes containers whose files are those of another as they are now: all or none. However many they are, its changes are copied once; each goes its own way from there.</summary>
    /// <param name="asked">At least one. Their image is the source's.</param>
    /// <exception cref="QuiltException">As <see cref="SnapshotAsync"/> and <see cref="CreateAsync"/>. Nothing is left, and the source runs on.</exception>
    public async Task<Fork> ForkAsync(ContainerId source, IReadOnlyList<NewContainer> asked, CancellationToken cancellation)
    {
        (SnapshotRecord cut, TimeSpan still) = await CutAsync(_containers.Get(source), asked[0].Owner.Agent, name: null, cancellation).ConfigureAwait(false);
        return await MakeAllAsync(cut, asked, still, cancellation).ConfigureAwait(false);
    }

    /// <summary>As the other, of a snapshot.</summary>
    /// <param name="snapshot">Its id.</param>
    public async Task<Fork> ForkAsync(string snapshot, IReadOnlyList<NewContainer> asked, CancellationToken cancellation)
    {
        using IDisposable below = _snapshots.Hold(snapshot);
        SnapshotRecord source = _snapshots.TryGet(snapshot)!;
        RequireVolumes(source);

        // One of their own, which costs nothing: a crash's rest is known by it.
        SnapshotRecord cut = source with
        {
            Id = NewSnapshotId(),
            Name = null,
            Agent = asked[0].Owner.Agent,
            Parent = source.Id,
            HasLayer = false,
            SizeBytes = 0,
            VolumeBytes = 0,
            CreatedAt = DateTimeOffset.UtcNow,
            Pending = true,
        };
        AddSnapshot(cut, null);
        return await MakeAllAsync(cut, asked, still: null, cancellation).ConfigureAwait(false);
    }

    private async Task<Fork> MakeAllAsync(SnapshotRecord cut, IReadOnlyList<NewContainer> asked, TimeSpan? still, CancellationToken cancellation)
    {
        using IDisposable held = _snapshots.Hold(cut.Id); // let go last: where nothing stands on it, it goes
        await using Rollback rollback = new();
        ImageRoot image = ImageRoot.Of(Images.TryFind(cut.ImageDigest)
            ?? throw new QuiltException(ErrorCode.NotFound, $"the image of the container '{cut.ContainerName}' is gone: {cut.Spec.Image} ({cut.ImageDigest})", "bring the image back", "image"));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<ContainerRecord>[] making = [.. asked.Select(a => MakeOneAsync(a with { Root = image, Snapshot = cut.Id }, stop))];
        rollback.OnFailure(() => RemoveMadeAsync(making));
        ContainerRecord[] made = await FirstFailureOf(making).ConfigureAwait(false);

        // Each has its own copy of the volumes now; another fork of them is made of one of these.
        SnapshotRecord done = _snapshots.Change(cut.Id, r => r with { Pending = false, VolumesIn = r.VolumesIn == r.Id ? null : r.VolumesIn, VolumeBytes = 0 });
        rollback.Commit();
        _ = _trash.Throw(_snapshots.VolumesFolderOf(cut.Id));
        return new Fork(done, made, still);
    }

    private async Task<ContainerRecord> MakeOneAsync(NewContainer asked, CancellationTokenSource stop)
    {
        try
        {
            return await CreateAsync(asked, stop.Token).ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What went wrong, rather than that the others were given up for it.</summary>
    private static async Task<ContainerRecord[]> FirstFailureOf(Task<ContainerRecord>[] making)
    {
        Task<ContainerRecord[]> all = Task.WhenAll(making);
        await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Array.Find(making, m => m.IsFaulted) is { } failed ? [await failed.ConfigureAwait(false)] : await all.ConfigureAwait(false);
    }

    private async ValueTask RemoveMadeAsync(Task<ContainerRecord>[] making)
    {
        foreach (Task<ContainerRecord> made in making.Where(m => m.IsCompletedSuccessfully))
        {
            if (_containers.TryGet((await made.ConfigureAwait(false)).Id) is { } container && !await TryRemoveAsync(container, still: null).ConfigureAwait(false))
            {
                RemoveInBackground(container); // such as on a full disk, which may be why it is to go
            }
        }
    }
}
