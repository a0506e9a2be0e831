using System.Globalization;
using System.Security.Cryptography;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>
    /// How many snapshots with files of their own may lie upon another. The kernel takes 500 layers, the image's among them
    /// (OVL_MAX_STACK), and looks for a file in each from the top.
    /// </summary>
    public const int DeepestSnapshot = 32;

    private const uint UsualRoot = 0x1ED; // 0755

    /// <summary>Keeps a container's files as they are now. One that runs is frozen for as long as what it changed takes to copy; its image, and the snapshot that it stands on, are not copied.</summary>
    /// <returns>The snapshot, and for how long the container stood still.</returns>
    /// <exception cref="QuiltException">AlreadyExists: its agent has one of that name; FailedPrecondition: too many lie upon another, or it holds what no layer can; Aborted: it was ended meanwhile; ResourceExhausted. Nothing is left, and it runs on.</exception>
    public async Task<(SnapshotRecord Snapshot, TimeSpan Still)> SnapshotAsync(ContainerId id, ContainerName name, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        string agent = container.Record.Owner.Agent;
        _snapshots.RequireFree(agent, name);
        return await CutAsync(container, agent, name, cancellation).ConfigureAwait(false);
    }

    /// <param name="name">Null: containers are to be made of it now.</param>
    private async Task<(SnapshotRecord Snapshot, TimeSpan Still)> CutAsync(Container container, string agent, ContainerName? name, CancellationToken cancellation)
    {
        string id = NewSnapshotId(), folder = _snapshots.FolderOf(id);
        await using Rollback rollback = new();
        rollback.OnFailure(() => _trash.Throw(folder));
        rollback.OnFailure(() => _trash.Throw(_snapshots.VolumesFolderOf(id)));
        ContainerRecord record;
        long? bytes;
        long volumeBytes;
        IDisposable? below = null;

        // In this order: a commit reads for long, and whoever waits for it keeps none of its agent's places.
        using Container.Release reading = await container.ReadAsync(cancellation).ConfigureAwait(false);
        using IDisposable place = await _fileWork.EnterAsync(agent, cancellation).ConfigureAwait(false);
        try
        {
            using ContainerFiles files = OpenFiles(container); // before it stands still: a disk of its own has to be mounted
            Stillness stillness = await StillAsync(container, frozen: true, cancellation).ConfigureAwait(false);
            await using (stillness.ConfigureAwait(false))
            {
                record = container.Record;
                below = record.Snapshot is { } parent ? _snapshots.Hold(parent) : null;
                RequireDepth(record);
                bytes = Copy(record, files.Layout.Upper, folder, cancellation);
                volumeBytes = CopyVolumes(record, files.Layout, id, cancellation);
                if (!stillness.Held)
                {
                    throw new QuiltException(ErrorCode.Aborted, $"the container '{record.Name}' was ended while its files were read", "try again", "container");
                }
            }

            SnapshotRecord made = new()
            {
                Id = id,
                Name = name,
                Agent = agent,
                Container = record.Id,
                ContainerName = record.Name,
                Parent = record.Snapshot,
                HasLayer = bytes is not null,
                SizeBytes = bytes ?? 0,
                Volumes = record.Volumes,
                VolumesIn = record.Volumes.Count > 0 ? id : null,
                VolumeBytes = volumeBytes,
                VolumeMounts = [.. record.VolumeMounts.Where(m => !m.Leaving)],
                CreatedAt = DateTimeOffset.UtcNow,
                ImageDigest = record.ImageDigest,
                Spec = record.Spec,
                Pending = name is null,
            };
            if (name is not null && (bytes is not null || made.Volumes.Count > 0))
            {
                await Task.Run(() => MakeDurable(Path.GetDirectoryName(folder)!), cancellation).ConfigureAwait(false);
            }

            AddSnapshot(made, record);
            rollback.Commit();
            return (made, stillness.Lasted);
        }
        finally
        {
            below?.Dispose();
        }
    }

    private static string NewSnapshotId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Makes it known, and tells of it where it is somebody's to keep.</summary>
    private void AddSnapshot(SnapshotRecord made, ContainerRecord? of)
    {
        _snapshots.Add(made, writer =>
        {
            if (made.Name is { } name)
            {
                writer.Append(made.CreatedAt, EventTypes.SnapshotCreated, of, made.Agent, ("snapshot", made.Id), ("snapshotName", name.Value));
            }
        });
        _events.Beat();
    }

    private void RequireDepth(ContainerRecord record)
    {
        if (_snapshots.LayersOf(record.Snapshot).Count is >= DeepestSnapshot and int depth)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, string.Create(CultureInfo.InvariantCulture, $"the container '{record.Name}' stands on {depth} snapshots, and no more than {DeepestSnapshot} can lie upon another"),
                "make an image of it (commitContainer), and go on with a container of that", "container");
        }
    }

    /// <summary>On the caller's thread: while a container stands still, each change of threads is a wait for a processor.</summary>
    /// <returns>Null where it has changed nothing.</returns>
    private long? Copy(ContainerRecord record, string upper, string folder, CancellationToken cancellation) => ReadFiles(
        record,
        () =>
        {
            if (IsUnchanged(record, upper))
            {
                return (long?)null;
            }

            MakeFolder(folder);
            return UpperCopy.Copy(upper, folder, new IdShift(record.HostIdBase, 0), cancellation);
        });

    private static T ReadFiles<T>(ContainerRecord record, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is SyscallException or IOException && DiskFull.Is(e))
        {
            throw Database.DiskFull(e);
        }
        catch (Exception e) when (e is SyscallException { Errno: Errno.ENOENT } or DirectoryNotFoundException or FileNotFoundException)
        {
            throw new QuiltException(ErrorCode.Aborted, $"the container '{record.Name}' was removed while its files were read", "take a snapshot before it is removed", "container", e);
        }
    }

    /// <summary>Nothing is in its writable layer, whose root is as it was made.</summary>
    private bool IsUnchanged(ContainerRecord record, string upper)
    {
        using FileDescriptor? root = Sys.TryOpen(upper, OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
        if (root is null)
        {
            return true;
        }

        (uint permissions, uint owner, uint group) = (UsualRoot, 0, 0);
        if (TopLayerOf(record) is { } top)
        {
            using FileDescriptor below = Sys.Open(top, OpenMode.Path | OpenMode.Directory);
            FileStatus had = Sys.Status(below);
            (permissions, owner, group) = (had.Permissions, had.Uid, had.Gid);
        }

        FileStatus status = Sys.Status(root);
        IdShift shift = new(0, record.HostIdBase);
        return (status.Permissions, status.Uid, status.Gid) == (permissions, shift.Apply(owner), shift.Apply(group)) && !Directory.EnumerateFileSystemEntries(upper).Any();
    }

    /// <summary>The nearest snapshot's files that a container stands on; null: it stands on its image alone.</summary>
    private string? TopLayerOf(ContainerRecord record) => _snapshots.LayersOf(record.Snapshot) is [.., var top] ? top : null;

    private static void MakeDurable(string folder)
    {
        using FileDescriptor opened = Sys.Open(folder, OpenMode.ReadOnly | OpenMode.Directory);
        Sys.SynchronizeFilesystem(opened, folder);
    }

    /// <summary>Makes a writable layer that is missing, its root as the snapshot has it that the container stands on.</summary>
    /// <param name="layout">Whose paths can be reached.</param>
    /// <param name="always">Else one that stands on no files of a snapshot is left without: its first launch makes it.</param>
    private void MakeUpper(ContainerRecord record, Shim.Contract.BundleLayout layout, bool always = false)
    {
        string? top = TopLayerOf(record);
        if ((top is null && !always) || Sys.Exists(layout.Upper))
        {
            return;
        }

        // By another name until it is whole: a daemon that dies leaves no half one.
        string made = layout.Upper + ".new";
        MakeFolder(made);
        if (top is not null)
        {
            UpperCopy.CopyFolderAlone(top, made, new IdShift(0, record.HostIdBase));
        }
        else
        {
            using FileDescriptor folder = Sys.Open(made, OpenMode.ReadOnly | OpenMode.Directory);
            new ImageCopy(record.HostIdBase, CancellationToken.None).Own(folder);
        }

        Sys.Rename(made, layout.Upper);
    }

    /// <summary>Throws away what a container wrote.</summary>
    private void EmptyUpper(Container container)
    {
        using ContainerFiles files = ContainerFiles.Open(container.Layout);
        foreach (string folder in (string[])[files.Layout.Upper, files.Layout.Work])
        {
            Delete(folder, container.Layout);
        }

        MakeUpper(container.Record, files.Layout, always: true);
        if (container.Layout.HasDisk)
        {
            Sys.MakeDirectory(files.Layout.Work, UsualRoot);
            Sys.Chown(files.Layout.Work, container.Record.HostIdBase, container.Record.HostIdBase);
        }
    }
}
