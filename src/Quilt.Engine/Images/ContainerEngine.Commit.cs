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
            StoredLayer layer = await LayerOfAsync(container, image, lease, asked.Pause, cancellation).ConfigureAwait(false);
            plain = await Images.WriteImageAsync(lease, asked.Changes.Count == 0 ? [asked.Reference] : [], DocumentOf(image.Document, record, asked), [.. image.Layers, layer], cancellation).ConfigureAwait(false);
        }

        return await ChangedAsync(plain, asked.Changes, asked.Reference, cancellation).ConfigureAwait(false);
    }

    private async Task<StoredLayer> LayerOfAsync(Container container, StoredImage image, ImageLease lease, bool pause, CancellationToken cancellation)
    {
        await using (await StillAsync(container, pause, cancellation).ConfigureAwait(false))
        {
            try
            {
                using ContainerFiles files = ContainerFiles.Open(container.Layout);
                return await Images.AddUpperAsync(lease, image.Layers, files.Layout.Upper, container.Record.HostIdBase, new UpperArchiveOptions(), cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SyscallException && container.IsRemoved)
            {
                throw new QuiltException(ErrorCode.Aborted, $"the container '{container.Record.Name}' was removed meanwhile", "commit a container before it is removed", "container", e);
            }
        }
    }

    /// <summary>Paused while its files are read, where it runs and that is wanted; one that was paused before stays so.</summary>
    private async Task<Stillness> StillAsync(Container container, bool wanted, CancellationToken cancellation)
    {
        // One at a time: the first to end would let it run on under the second.
        await container.Reading.WaitAsync(cancellation).ConfigureAwait(false);
        bool paused = false;
        try
        {
            if (wanted && container.Record.State is ContainerState.Running { Paused: false })
            {
                await PauseAsync(container.Id, cancellation).ConfigureAwait(false);
                paused = true;
            }

            return new Stillness(this, container, paused);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.FailedPrecondition)
        {
            return new Stillness(this, container, false); // it has just ended: it is still
        }
        catch
        {
            container.Reading.Release();
            throw;
        }
    }

    private sealed class Stillness(ContainerEngine engine, Container container, bool paused) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                if (paused)
                {
                    await engine.UnpauseAsync(container.Id, CancellationToken.None).ConfigureAwait(false);
                }
            }
            catch (QuiltException e) when (e.Code is ErrorCode.FailedPrecondition or ErrorCode.NotFound)
            {
                // It was ended or removed meanwhile.
            }
            finally
            {
                container.Reading.Release();
            }
        }
    }

    private static ImageDocument DocumentOf(ImageDocument of, ContainerRecord record, NewCommit asked)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return of with
        {
            Created = now,
            Author = asked.Author ?? of.Author,
            History = [.. of.History ?? [], new ImageHistory { Created = now, CreatedBy = string.Join(' ', record.Command), Comment = asked.Message, Author = asked.Author }],
        };
    }
}
