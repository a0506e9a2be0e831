using System.Globalization;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Shim.Contract;
using Quilt.Storage;

namespace Quilt.Engine;

/// <summary>An image's volumes are a container's own files, and go with the rest of them: as copies, for no layer has them.</summary>
public sealed partial class ContainerEngine
{
    /// <returns>What was copied, in bytes on the disk.</returns>
    private long CopyVolumes(ContainerRecord record, BundleLayout layout, string snapshot, CancellationToken cancellation) => record.Volumes.Count == 0 ? 0 : ReadFiles(
        record,
        () =>
        {
            MakeFolder(_snapshots.VolumesFolderOf(snapshot));
            return Enumerable.Range(0, record.Volumes.Count)
                .Sum(number => CopyVolume(layout.Volume(number), _snapshots.VolumeFolderOf(snapshot, number), new IdShift(record.HostIdBase, 0), cancellation));
        });

    private static long CopyVolume(string from, string to, IdShift shift, CancellationToken cancellation)
    {
        MakeFolder(to);
        return UpperCopy.Copy(from, to, shift, cancellation);
    }

    /// <exception cref="QuiltException">FailedPrecondition: the copies of the volumes went when containers had been made of it.</exception>
    private static void RequireVolumes(SnapshotRecord snapshot)
    {
        if (snapshot.Volumes.Count > 0 && snapshot.VolumesIn is null)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"the snapshot '{snapshot.Id}' was taken for the forks that were made of it, and has its image's volumes no more", "fork one of those containers, or a snapshot that has a name", "snapshot");
        }
    }

    /// <summary>Copies a snapshot's volumes beside those that a container has: what cannot be copied leaves it as it is.</summary>
    /// <remarks>One that the snapshot has not stays.</remarks>
    private async Task StageVolumesAsync(Container container, string snapshot, CancellationToken cancellation)
    {
        ContainerRecord record = container.Record;
        (string Kept, int Number)[] wanted = [.. record.Volumes.Select((path, number) => (_snapshots.TryVolumeOf(snapshot, path)!, number)).Where(v => v.Item1 is not null)];
        if (record.Volumes.Count == 0)
        {
            return;
        }

        await Task.Run(
            () =>
            {
                using ContainerFiles files = ContainerFiles.Open(container.Layout);
                Delete(files.Layout.StagedVolumes, container.Layout); // of a restoring that a crash has ended, or whose row could not be written
                if (wanted.Length == 0)
                {
                    return;
                }

                try
                {
                    MakeFolder(files.Layout.StagedVolumes);
                    foreach ((string kept, int number) in wanted)
                    {
                        CopyVolume(kept, files.Layout.StagedVolume(number), new IdShift(0, record.HostIdBase), cancellation);
                    }
                }
                catch (Exception e)
                {
                    Delete(files.Layout.StagedVolumes, container.Layout);
                    if (DiskFull.Is(e) || e is QuiltException { Code: ErrorCode.ResourceExhausted })
                    {
                        throw container.Layout.HasDisk ? NoPlaceBeside(record, e) : Database.DiskFull(e);
                    }

                    throw;
                }
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Puts what was staged in its place. Whoever is interrupted goes on the next time.</summary>
    private void TakeStagedVolumes(Container container)
    {
        if (container.Record.Volumes.Count == 0)
        {
            return;
        }

        using ContainerFiles files = ContainerFiles.Open(container.Layout);
        if (!Directory.Exists(files.Layout.StagedVolumes))
        {
            return;
        }

        foreach (string staged in Directory.GetDirectories(files.Layout.StagedVolumes))
        {
            string place = files.Layout.Volume(int.Parse(Path.GetFileName(staged), CultureInfo.InvariantCulture));
            Delete(place, container.Layout);
            Sys.Rename(staged, place);
        }

        Sys.TryRemoveDirectory(files.Layout.StagedVolumes, out _);
    }

    /// <summary>In a file system of its own that is deleted where it lies; else it is moved away and deleted while nobody waits.</summary>
    private void Delete(string folder, BundleLayout of)
    {
        if (!of.HasDisk)
        {
            _ = _trash.Throw(folder);
        }
        else
        {
            FolderRemoval.Remove(folder);
        }
    }

    private static QuiltException NoPlaceBeside(ContainerRecord record, Exception e) => new(
        ErrorCode.ResourceExhausted, $"the disk limit of {new ByteSize(record.Spec.Limits.DiskBytes)} has no room for the snapshot's volumes beside those that the container '{record.Name}' has", "give it more 'disk' (setResourceLimits), or fork the snapshot (forkContainer)", "snapshot", e);
}
