using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;
using Quilt.Shim.Contract;
using Quilt.Storage;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Makes what a new container has of its own beside its writable layer, or in it from the beginning: its image's volumes, and a working folder that the image only names.</summary>
    private async Task FurnishAsync(ContainerRecord record, BundleLayout layout, ImageRoot image, CancellationToken cancellation)
    {
        bool mayLackFolder = (record.Spec.WorkingDirectory is null || record.Spec.Build.Length > 0) && record.WorkingDirectory != "/";
        if (record.Volumes.Count == 0 && !mayLackFolder)
        {
            return;
        }

        await Task.Run(
            () =>
            {
                MakeFolder(layout.Root);
                MakeUpper(record, layout);
                using ImageTree tree = ImageTree.Open(_specs.LayersOf(record, layout, image));
                ImageCopy copy = new(record.HostIdBase, cancellation);
                try
                {
                    MakeVolumes(record, layout, tree, copy, cancellation);
                    if (mayLackFolder)
                    {
                        WorkingFolder.MakeMissing(record.WorkingDirectory, layout.Upper, tree, copy);
                    }
                }
                catch (SyscallException e) when (DiskFull.Is(e))
                {
                    throw layout.HasDisk ? DiskTooSmall(record, e) : Database.DiskFull(e);
                }
                catch (QuiltException e) when (e.Code == ErrorCode.InvalidArgument)
                {
                    throw new QuiltException(ErrorCode.FailedPrecondition, $"the image declares what no container can have: {e.Message}", "use another image, or build it anew", "image", e);
                }
            },
            cancellation).ConfigureAwait(false);
    }

    private static QuiltException DiskTooSmall(ContainerRecord record, Exception e) => new(
        ErrorCode.ResourceExhausted, $"the disk limit of {new ByteSize(record.Spec.Limits.DiskBytes)} is too small for what the image or the snapshot has in its volumes", "give more 'disk'", "disk", e);

    private void MakeVolumes(ContainerRecord record, BundleLayout layout, ImageTree tree, ImageCopy copy, CancellationToken cancellation)
    {
        IReadOnlyList<string> paths = record.Volumes;
        for (int number = 0; number < paths.Count; number++)
        {
            MakeFolder(layout.Volumes);
            if (_snapshots.TryVolumeOf(record.Snapshot, paths[number]) is { } kept)
            {
                CopyVolume(kept, layout.Volume(number), new IdShift(0, record.HostIdBase), cancellation);
                continue;
            }

            MakeFolder(layout.Volume(number));
            using FileDescriptor folder = Sys.Open(layout.Volume(number), OpenMode.ReadOnly | OpenMode.Directory | OpenMode.NoFollow);
            using ImageTreeNode? shown = tree.TryFind(paths[number]);
            if (shown is null)
            {
                copy.Own(folder);
            }
            else if (shown.Kind == FileKind.Folder)
            {
                copy.Folder(shown, folder);
            }
            else
            {
                throw new QuiltException(
                    ErrorCode.FailedPrecondition, $"the image declares a volume at '{Text.Printable(paths[number])}', where it has no folder", "use another image, or a tmpfs at that path", "image");
            }
        }
    }
}
