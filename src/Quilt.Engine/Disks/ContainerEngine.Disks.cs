using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private readonly DiskImages _disks;
    private readonly ReadyDisk _readyDisk;

    private async Task<ContainerFiles> MakeFilesAsync(Container container, CancellationToken cancellation)
    {
        await _disks.PrepareAsync(container.Record.Spec.Limits.DiskBytes, cancellation).ConfigureAwait(false);
        return await Task.Run(() => MakeFiles(container), cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes a new container's folder, and its disk where it has a limit.</summary>
    private ContainerFiles MakeFiles(Container container)
    {
        ContainerLimits limits = container.Record.Spec.Limits;
        if (limits.DiskBytes == 0)
        {
            return ContainerFiles.Open(container.Layout);
        }

        MakeFolder(container.Layout.Root);
        using FileDescriptor? ready = _readyDisk.TryTake(container.Layout.DiskImage, limits.DiskBytes);
        if (ready is null)
        {
            _disks.Make(container.Layout.DiskImage, limits.DiskBytes);
        }

        ContainerFiles files = ContainerFiles.Open(container.Layout);
        try
        {
            MakeUpper(container.Record, files.Layout); // as its snapshot's, where it stands on one
            foreach (string folder in ((string[])[files.Layout.Upper, files.Layout.Work]).Where(f => !Sys.Exists(f)))
            {
                Sys.MakeDirectory(folder, UsualRoot);
                Sys.Chown(folder, container.Record.HostIdBase, container.Record.HostIdBase);
                Sys.SetPermissions(folder, UsualRoot);
            }

            _readyDisk.Prepare(limits.DiskBytes);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>What a container's disk has; null where it has no limit of its own.</summary>
    /// <exception cref="QuiltException">NotFound.</exception>
    public DiskSpace? DiskOf(ContainerId id)
    {
        using ContainerFiles files = OpenFiles(_containers.Get(id));
        return files.Space;
    }

    /// <summary>Makes a container's disk larger, at once, also while it runs.</summary>
    /// <param name="reserve">Holds the place of the new limit within those of its agents; throws where there is none.</param>
    /// <returns>Before and after.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: it has no limit, or removed; InvalidArgument: it would become smaller; ResourceExhausted: the host's disk cannot hold so much.</exception>
    public async Task<(ContainerRecord Before, ContainerRecord After)> GrowDiskAsync(ContainerId id, long sizeBytes, Func<ContainerRecord, IDisposable> reserve, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            RequirePresent(container);
            ContainerRecord record = container.Record;
            long had = record.Spec.Limits.DiskBytes;
            if (had == 0)
            {
                throw new QuiltException(
                    ErrorCode.FailedPrecondition, $"the container '{record.Name}' was made without a disk limit, and cannot be given one", "make it anew with 'disk' (createContainer)", "disk");
            }

            if (sizeBytes < had)
            {
                throw QuiltException.Invalid("disk", $"the disk of '{record.Name}' is {new ByteSize(had)}, and cannot become smaller ({new ByteSize(sizeBytes)})", "give at least what it has, or make the container anew");
            }

            if (sizeBytes > had)
            {
                ContainerRecord larger = record with { Spec = WithDisk(record.Spec, sizeBytes), DiskGrowsFrom = had };
                using IDisposable place = reserve(larger);

                // First, so that what the disk is never comes to be more than what is counted.
                Change(container, larger);
                try
                {
                    await GrowAsync(container).ConfigureAwait(false);
                }
                catch (SyscallException e)
                {
                    throw e.Errno == Errno.EPERM
                        ? new QuiltException(ErrorCode.FailedPrecondition, $"the disk of '{record.Name}' cannot become larger: quiltd lacks CAP_SYS_RESOURCE", "give it to quiltd, or make the container anew", "disk", e)
                        : new QuiltException(ErrorCode.ResourceExhausted, $"the disk of '{record.Name}' cannot become {new ByteSize(sizeBytes)}: {e.Message}", "give less", "disk", e);
                }
            }

            return (record, container.Record);
        }
    }

    /// <summary>To what its record says, or the record back to what the disk has. Who gives up waiting leaves neither half done.</summary>
    private async Task GrowAsync(Container container)
    {
        ContainerRecord record = container.Record;
        try
        {
            await Task.Run(() => DiskImage.Grow(container.Layout.DiskImage, record.Spec.Limits.DiskBytes)).ConfigureAwait(false);
        }
        catch (SyscallException)
        {
            Change(container, record with { Spec = WithDisk(record.Spec, record.DiskGrowsFrom!.Value), DiskGrowsFrom = null });
            throw;
        }

        Change(container, record with { DiskGrowsFrom = null });
    }

    private static ContainerSpec WithDisk(ContainerSpec spec, long bytes) => spec with { Limits = spec.Limits with { DiskBytes = bytes } };

    /// <summary>A daemon ended while it made the disk larger: on to what was asked for, or, where that cannot be, back.</summary>
    private async Task SettleDiskAsync(Container container)
    {
        if (container.Record.DiskGrowsFrom is null)
        {
            return;
        }

        try
        {
            await GrowAsync(container).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SyscallException or QuiltException)
        {
            LogDiskNotGrown(e, container.Id.Value);
        }
    }

    [LoggerMessage(EventId = 38, Level = LogLevel.Warning, Message = "the disk of {Container}, which a daemon was making larger when it ended, stays as it was")]
    private partial void LogDiskNotGrown(Exception failure, string container);

    private static ContainerFiles OpenFiles(Container container)
    {
        try
        {
            return ContainerFiles.Open(container.Layout);
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT)
        {
            throw ContainerTable.NotFound(container.Record.Name.Value);
        }
    }
}
