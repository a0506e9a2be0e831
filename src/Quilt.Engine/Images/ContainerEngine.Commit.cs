using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Makes an image of what a container has written, on top of the image that it was made of. What lies on its mounts is not in it.</summary>
    /// <exception cref="QuiltException">NotFound: the container, or its image; Aborted: it was removed meanwhile; ResourceExhausted. Names are as they were then.</exception>
    public async Task<StoredImage> CommitAsync(ContainerId id, NewCommit asked, CancellationToken cancellation)
    {
        RequireSettings(asked.Changes);
        Container container = _containers.Get(id);
        ContainerRecord record = container.Record;
        StoredImage image = Images.TryFind(record.ImageDigest)
            ?? throw new QuiltException(ErrorCode.NotFound, $"the image of the container '{record.Name}' is gone: {record.Spec.Image} ({record.ImageDigest})", "bring the image back", "container");
        StoredImage plain;
        using (ImageLease lease = Images.Lease())
        {
            lease.Hold(image); // it is there as long as the container is
            IReadOnlyList<StoredLayer> layers = await LayersOfAsync(container, image, lease, asked.Pause, cancellation).ConfigureAwait(false);
            plain = await Images.WriteImageAsync(lease, asked.Changes.Count == 0 ? [asked.Reference] : [], DocumentOf(image.Document, record, asked, layers.Count - image.Layers.Count), layers, cancellation).ConfigureAwait(false);
        }

        return await ChangedAsync(plain, asked.Changes, asked.Reference, cancellation).ConfigureAwait(false);
    }

    /// <summary>The image's, those of the snapshots that the container stands on, and its own.</summary>
    private async Task<IReadOnlyList<StoredLayer>> LayersOfAsync(Container container, StoredImage image, ImageLease lease, bool pause, CancellationToken cancellation)
    {
        List<StoredLayer> layers = [.. image.Layers];
        using Container.Release reading = await container.ReadAsync(cancellation).ConfigureAwait(false);
        await using (await StillAsync(container, pause, cancellation).ConfigureAwait(false))
        {
            try
            {
                using IDisposable? held = container.Record.Snapshot is { } snapshot ? _snapshots.Hold(snapshot) : null;
                foreach (string changed in _snapshots.LayersOf(container.Record.Snapshot))
                {
                    layers.Add(await Images.AddUpperAsync(lease, layers, changed, hostIdBase: 0, new UpperArchiveOptions(), cancellation).ConfigureAwait(false));
                }

                using ContainerFiles files = ContainerFiles.Open(container.Layout);
                layers.Add(await Images.AddUpperAsync(lease, layers, files.Layout.Upper, container.Record.HostIdBase, new UpperArchiveOptions(), cancellation).ConfigureAwait(false));
                return layers;
            }
            catch (Exception e) when (e is IOException or SyscallException && container.IsRemoved)
            {
                throw new QuiltException(ErrorCode.Aborted, $"the container '{container.Record.Name}' was removed meanwhile", "commit a container before it is removed", "container", e);
            }
        }
    }

    /// <summary>A row for each layer: one that an image says nothing of would be taken for ours.</summary>
    private static IEnumerable<ImageHistory> HistoryOf(ImageDocument of)
    {
        IReadOnlyList<ImageHistory> told = of.History ?? [];
        int untold = (of.Rootfs?.DiffIds?.Count ?? 0) - told.Count(h => h.EmptyLayer != true);
        return [.. Enumerable.Repeat(new ImageHistory { Created = of.Created }, Math.Max(0, untold)), .. told];
    }

    private static ImageDocument DocumentOf(ImageDocument of, ContainerRecord record, NewCommit asked, int layers)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        ImageHistory made = new() { Created = now, CreatedBy = string.Join(' ', record.Command), Comment = asked.Message, Author = asked.Author };
        return of with
        {
            Created = now,
            Author = asked.Author ?? of.Author,
            History = [.. HistoryOf(of), .. Enumerable.Repeat(made with { Comment = "a snapshot that it stands on" }, layers - 1), made],
        };
    }
}
