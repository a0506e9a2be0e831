using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private readonly VolumeTable _volumes = new();
    private readonly VolumeFiles _volumeFiles;
    private readonly FileWork _fileWork = new();

    /// <summary>What a volume with a limit has at least.</summary>
    public const long MinimumDiskBytes = DiskImages.MinimumBytes, MaximumDiskBytes = DiskImages.MaximumBytes;

    public IReadOnlyList<Volume> Volumes => _volumes.All();

    public Volume? TryGetVolume(string id) => _volumes.TryGet(id);

    /// <summary>The containers that have a volume, in any state.</summary>
    public IReadOnlyList<(ContainerRecord Container, VolumeMount Mount)> UsersOfVolume(string id) =>
        [.. _containers.All().Where(c => !c.IsRemoved).SelectMany(c => c.Record.VolumeMounts.Where(m => m.Volume == id).Select(m => (c.Record, m)))];

    /// <summary>What is in a volume, in bytes. Of one without a limit each file is looked at.</summary>
    /// <param name="agent">Who asks; empty: the operator.</param>
    public Task<long> VolumeBytesAsync(Volume volume, string agent, CancellationToken cancellation) => _fileWork.RunAsync(
        agent,
        () =>
        {
            try
            {
                return _volumeFiles.UsedBytes(volume, cancellation);
            }
            catch (SyscallException e) when (e.Errno == Errno.ENOENT)
            {
                return 0; // removed meanwhile
            }
        },
        cancellation);

    /// <exception cref="QuiltException">AlreadyExists: the name is taken; FailedPrecondition: the host cannot hold a limit; ResourceExhausted: its disk is full. Nothing is left.</exception>
    /// <param name="fill">Writes what it begins with into its folder, by the volume's own ids; null: it is empty.</param>
    public async Task<Volume> CreateVolumeAsync(NewVolume asked, Func<string, CancellationToken, Task>? fill, CancellationToken cancellation)
    {
        Volume volume = new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), asked.Owner, asked.Name, DateTimeOffset.UtcNow)
        {
            InMemory = asked.InMemory, SizeBytes = asked.SizeBytes / DiskImage.BlockBytes * DiskImage.BlockBytes, Labels = asked.Labels,
        };
        await using Rollback rollback = new();
        _volumes.Reserve(volume);
        rollback.OnFailure(() => _volumes.GiveUp(volume));

        // In the database it comes when it is made: until then its folder tells the next engine that something was meant to be here.
        await MakeAsync(volume, cancellation).ConfigureAwait(false);
        rollback.OnFailure(() => _volumeFiles.Throw(volume));
        if (fill is not null)
        {
            await FillAsync(volume, fill, cancellation).ConfigureAwait(false);
        }

        Tell(writer => writer.Insert(volume), EventTypes.VolumeCreated, volume.Owner, About(volume));
        rollback.Commit();
        _volumes.Add(volume);
        return volume;
    }

    private async Task MakeAsync(Volume volume, CancellationToken cancellation)
    {
        await (volume.HasDisk ? _disks.PrepareAsync(volume.SizeBytes, cancellation) : Task.CompletedTask).ConfigureAwait(false);
        using IDisposable place = await _fileWork.EnterAsync(volume.Owner, cancellation).ConfigureAwait(false);
        await Task.Run(() => _volumeFiles.Make(volume), cancellation).ConfigureAwait(false);
    }

    private async Task FillAsync(Volume volume, Func<string, CancellationToken, Task> fill, CancellationToken cancellation)
    {
        using FileDescriptor mount = _volumeFiles.Mount(volume);
        try
        {
            await fill(PathOf(mount), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (DiskFull.IsCauseOf(e))
        {
            throw volume.HasDisk
                ? new QuiltException(ErrorCode.ResourceExhausted, $"what the volume '{volume.Name}' is to hold is more than its {new ByteSize(volume.SizeBytes)}", "give a larger size", "size", e)
                : Database.DiskFull(e);
        }
    }

    /// <summary>Reads a volume while nobody removes it. Those who have it may write to it meanwhile.</summary>
    /// <exception cref="QuiltException">NotFound.</exception>
    public async Task ReadVolumeAsync(string id, Func<string, CancellationToken, Task> read, CancellationToken cancellation)
    {
        using IDisposable held = _volumes.Hold([id]);
        using FileDescriptor mount = _volumeFiles.Mount(_volumes.TryGet(id)!);
        await read(PathOf(mount), cancellation).ConfigureAwait(false);
    }

    /// <summary>Of a detached mount's root, in this process.</summary>
    private static string PathOf(FileDescriptor mount) => $"/proc/self/fd/{mount.Number}/.";

    /// <summary>It is gone at once; what is in it is deleted while nobody waits.</summary>
    /// <param name="mayKnow">Whose names are told where it is in use.</param>
    /// <returns>False where it is not there any more.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: containers have it, and which.</exception>
    public async Task<bool> RemoveVolumeAsync(string id, Func<ContainerRecord, bool> mayKnow)
    {
        Volume? volume = _volumes.Remove(id, v => RequireUnused(v, mayKnow));
        if (volume is null)
        {
            return false;
        }

        try
        {
            Tell(writer => writer.Delete(volume), EventTypes.VolumeRemoved, volume.Owner, About(volume));
        }
        catch
        {
            _volumes.Add(volume);
            throw;
        }

        // A rest that a crash leaves of it goes at the next start: no row has it.
        await Task.Run(() => _volumeFiles.Throw(volume)).ConfigureAwait(false);
        return true;
    }

    /// <summary>Gives a container a volume, at once where it runs, and at each of its starts.</summary>
    /// <param name="path">Absolute, in the container; made where it is missing.</param>
    /// <exception cref="QuiltException">NotFound; AlreadyExists: something is mounted there; InvalidArgument: the path leads to what is no folder, or must not be covered. Nothing has changed.</exception>
    public async Task<VolumeMount> AttachVolumeAsync(string volumeId, ContainerId id, string path, bool readOnly, CancellationToken cancellation)
    {
        using IDisposable held = _volumes.Hold([volumeId]);
        Volume volume = _volumes.TryGet(volumeId)!;
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            RequirePresent(container);
            MountPaths.RequireFree(container.Record, path);
            VolumeMount mount = new(volume.Id, path, readOnly);

            // What the path leads to is asked of its root, which is set up for that where it does not run: else its next start would tell.
            bool isOurs = container.Shim is null;
            await PrepareAgainAsync(container, window: null, cancellation).ConfigureAwait(false);
            try
            {
                await Task.Run(() => AttachNow(container, volume, mount), CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                if (isOurs)
                {
                    await UnprepareAsync(container).ConfigureAwait(false);
                }
            }

            return container.Record.VolumeMounts[^1];
        }
    }

    /// <summary>Takes a volume away from a container.</summary>
    /// <param name="path">Which, where the container has it at several; null: the only one.</param>
    /// <param name="force">Also where processes use it, who go on with what they have open, and where something is mounted below it.</param>
    /// <exception cref="QuiltException">NotFound: it has none; FailedPrecondition: it is in use, and by which processes, or what is mounted below. Nothing has changed.</exception>
    public async Task<VolumeMount> DetachVolumeAsync(string volumeId, ContainerId id, string? path, bool force, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            RequirePresent(container);
            VolumeMount mount = FindMount(container.Record, volumeId, path);
            if (!force && MountPaths.Below(container.Record, mount.Path) is { } below)
            {
                throw new QuiltException(
                    ErrorCode.FailedPrecondition, $"'{below}' is mounted below '{mount.Path}'",
                    "detach that first, or detach this by force: volumes below come back at once, all else below at the container's next start", "path");
            }

            await Task.Run(() => DetachNow(container, mount, force), CancellationToken.None).ConfigureAwait(false);
            return mount;
        }
    }

    /// <summary>What is to be there is written down before it is done: a crash between is mended at the next start.</summary>
    private void AttachNow(Container container, Volume volume, VolumeMount mount)
    {
        using RunningMounts? running = container.Init is { } init ? RunningMounts.TryOpen(init) : null;
        if (running is null)
        {
            ChangeMounts(container, m => [.. m, mount], EventTypes.VolumeAttached, mount);
            return;
        }

        (FileDescriptor place, string real) = running.OpenPlace(mount.Path, container.Record.HostIdBase);
        using (place)
        using (FileDescriptor source = _volumeFiles.Mount(volume))
        {
            mount = mount with { Path = real };
            ChangeMounts(container, m => [.. m, mount], null, mount);
            try
            {
                running.Attach(source, place, mount.ReadOnly);
            }
            catch (SyscallException e)
            {
                ChangeMounts(container, m => [.. m.Where(x => x != mount)], null, mount);
                throw new QuiltException(ErrorCode.FailedPrecondition, $"the volume '{volume.Name}' cannot be mounted at '{real}': {e.Message}", "keep the state folder on a file system that takes idmapped mounts, such as ext4, XFS or Btrfs", "path", e);
            }
        }

        TellOfMount(container, EventTypes.VolumeAttached, mount);
    }

    private void DetachNow(Container container, VolumeMount mount, bool force)
    {
        using RunningMounts? running = container.Init is { } init ? RunningMounts.TryOpen(init) : null;
        if (running is not null)
        {
            ChangeMounts(container, m => [.. m.Select(x => x == mount ? x with { Leaving = true } : x)], null, mount);
            try
            {
                DetachFrom(container, running, mount, force);
            }
            catch (SyscallException e)
            {
                ChangeMounts(container, m => [.. m.Select(x => x == mount with { Leaving = true } ? mount : x)], null, mount);
                throw InUse(container, mount, e);
            }
        }

        ChangeMounts(container, m => [.. m.Where(x => x.Path != mount.Path)], EventTypes.VolumeDetached, mount);
        if (running is not null)
        {
            MountAgain(container, running, m => PathText.IsBelow(m.Path, mount.Path)); // with it went what lay below
        }
    }

    /// <summary>Wherever it is by now: those inside may have renamed what is above it.</summary>
    private void DetachFrom(Container container, RunningMounts running, VolumeMount mount, bool force)
    {
        if (_volumes.TryGet(mount.Volume) is { } volume)
        {
            using FileDescriptor source = _volumeFiles.Mount(volume);
            running.Detach(source, mount.Path, [.. container.Record.VolumeMounts.Where(m => m.Volume == mount.Volume && m.Path != mount.Path).Select(m => m.Path)], lazily: force);
        }
    }

    private QuiltException InUse(Container container, VolumeMount mount, SyscallException e)
    {
        const int named = 5;
        IReadOnlyList<string> users = RunningMounts.UsersOf(mount.Path, GroupOf(container.Record).Processes());
        string by = users.Count == 0 ? "" : $" by {string.Join(", ", users.Take(named))}{(users.Count > named ? $" and {users.Count - named} more" : "")}";
        return e.Errno == Errno.EBUSY
            ? new QuiltException(ErrorCode.FailedPrecondition, $"'{mount.Path}' is in use{by}", "end what uses it first, or detach it by force: what is open stays so", "force", e)
            : HostShortage.Of(e) is { } lacks ? new QuiltException(ErrorCode.ResourceExhausted, $"'{mount.Path}' cannot be taken away: the host has no more {lacks}", "try again later", "path", e)
            : new QuiltException(ErrorCode.Internal, $"'{mount.Path}' cannot be taken away: {e.Message}", "stop the container, and detach it then", "path", e);
    }

    private void ChangeMounts(Container container, Func<IReadOnlyList<VolumeMount>, IReadOnlyList<VolumeMount>> change, string? told, VolumeMount about)
    {
        ContainerRecord record = container.Record with { VolumeMounts = change(container.Record.VolumeMounts) };
        Change(container, record, told is null ? [] : [TellingOf(told, about)]);
    }

    private void TellOfMount(Container container, string type, VolumeMount mount) => Change(container, container.Record, TellingOf(type, mount));

    private NewEvent TellingOf(string type, VolumeMount mount) =>
        new(type, ("volume", mount.Volume), ("volumeName", _volumes.TryGet(mount.Volume)?.Name ?? ""), ("path", mount.Path), ("readOnly", mount.ReadOnly ? "true" : "false"));

    private VolumeMount FindMount(ContainerRecord record, string volume, string? path)
    {
        VolumeMount[] found = [.. record.VolumeMounts.Where(m => m.Volume == volume && (path is null || m.Path == path))];
        string named = $"the volume '{_volumes.TryGet(volume)?.Name ?? volume}'";
        return found.Length switch
        {
            1 => found[0],
            0 => throw new QuiltException(ErrorCode.NotFound, $"the container '{record.Name}' does not have {named}{(path is null ? "" : $" at '{path}'")}", "see its mounts: getContainerStatus", "volume"),
            _ => throw QuiltException.Invalid("path", $"the container '{record.Name}' has {named} at {string.Join(" and ", found.Select(m => $"'{m.Path}'"))}", "give the path of the one that is meant"),
        };
    }

    private void RequireUnused(Volume volume, Func<ContainerRecord, bool> mayKnow)
    {
        ContainerRecord[] users = [.. UsersOfVolume(volume.Id).Select(u => u.Container)];
        if (users.Length > 0)
        {
            const int named = 3;
            string[] known = [.. users.Where(mayKnow).Select(u => $"'{u.Name}'").Distinct().Take(named)];
            string whom = known.Length == 0 ? "containers of others" : $"the container{(known.Length > 1 ? "s" : "")} {string.Join(", ", known)}{(users.Select(u => u.Id).Distinct().Count() > known.Length ? " and others" : "")}";
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the volume '{volume.Name}' is used by {whom}", "detach it there, or remove those containers, first", "volume");
        }
    }

    /// <summary>Knows the volumes again, and takes away what is in no row.</summary>
    private void ResumeVolumes()
    {
        foreach (Volume volume in VolumeRows.ReadAll(_database))
        {
            _volumes.Add(volume);
        }

        Attempt("volumes", () =>
        {
            foreach (string stranger in _volumeFiles.ThrowStrangers(_volumes.All().Select(v => v.Id).ToHashSet(StringComparer.Ordinal)))
            {
                Tell(EventTypes.OrphanRemoved, "", ("what", "volume"), ("volume", stranger));
            }
        });
    }

    /// <summary>Finishes what a daemon had written down, and did not live to do.</summary>
    private void RepairMounts(Container container)
    {
        using RunningMounts? running = container.Record.VolumeMounts.Count > 0 && container.Init is { } init ? RunningMounts.TryOpen(init) : null;
        foreach (VolumeMount mount in container.Record.VolumeMounts.Where(m => m.Leaving))
        {
            try
            {
                DetachNow(container, mount, force: true);
            }
            catch (Exception e) when (e is QuiltException or SyscallException or IOException)
            {
                LogNotMounted(e, container.Id.Value, mount.Path);
            }
        }

        if (running is not null)
        {
            MountAgain(container, running, _ => true);
        }
    }

    /// <summary>Mounts those that a container has and that are not there, as well as that can be done.</summary>
    private void MountAgain(Container container, RunningMounts running, Func<VolumeMount, bool> which)
    {
        foreach (VolumeMount mount in container.Record.VolumeMounts.Where(m => !m.Leaving && which(m) && !running.Has(m.Path)))
        {
            try
            {
                if (_volumes.TryGet(mount.Volume) is { } volume)
                {
                    (FileDescriptor place, _) = running.OpenPlace(mount.Path, container.Record.HostIdBase);
                    using (place)
                    using (FileDescriptor source = _volumeFiles.Mount(volume))
                    {
                        running.Attach(source, place, mount.ReadOnly);
                    }
                }
            }
            catch (Exception e) when (e is QuiltException or SyscallException or IOException)
            {
                LogNotMounted(e, container.Id.Value, mount.Path);
            }
        }
    }

    private static (string, string)[] About(Volume volume) => [("volume", volume.Id), ("volumeName", volume.Name)];

    [LoggerMessage(EventId = 36, Level = LogLevel.Warning, Message = "the volume of {Container} at {Path} could not be brought to what it is to be")]
    private partial void LogNotMounted(Exception failure, string container, string path);
}
