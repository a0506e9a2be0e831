using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>One image's way into the store.</summary>
internal sealed class ImageTransfer(
    BlobStore blobs, LayerStore layers, PartialBlobs partials, KeyedLocks locks, ImageStoreOptions options,
    IBlobSource source, ImageLease lease, IProgress<TransferProgress>? progress)
{
    /// <summary>A manifest or configuration, held and brought where it is not here.</summary>
    /// <param name="longest">In bytes; more is refused before it is transferred.</param>
    internal async Task BringDocumentAsync(Descriptor document, int longest, CancellationToken cancellation)
    {
        lease.Hold(document.Digest);
        if (document.Size > longest)
        {
            throw QuiltException.Invalid("image", $"a document of the image has {document.Size} bytes, and at most {longest} are taken", "get an image that is made as usual");
        }

        await RetryFromTheBeginningAsync(async () =>
        {
            ProgressMeter meter = new(document, progress);
            using IDisposable alone = await locks.TakeAsync(document.Digest, cancellation).ConfigureAwait(false);
            if (blobs.Contains(document.Digest))
            {
                meter.Enter(TransferStage.Present, document.Size);
                return;
            }

            using SafeFileHandle file = partials.Open(document.Digest);
            using GrowingBlob growing = new(file);
            await partials.FillAsync(document, file, growing, source, meter, cancellation).ConfigureAwait(false);
            meter.Enter(TransferStage.Done, document.Size);
        }).ConfigureAwait(false);
    }

    /// <summary>The layers' blobs and folders, each unpacked while it comes. Where it throws, none is left half done.</summary>
    internal Task BringLayersAsync(ImageParts parts, CancellationToken cancellation)
    {
        for (int i = 0; i < parts.Layers.Count; i++)
        {
            lease.Hold(parts.Layers[i].Digest);
            lease.Hold(parts.ChainIds[i]);
        }

        return RetryFromTheBeginningAsync(() => BringOnceAsync(parts, cancellation));
    }

    private static async Task RetryFromTheBeginningAsync(Func<Task> transfer)
    {
        try
        {
            await transfer().ConfigureAwait(false);
        }
        catch (PartialDamagedException)
        {
            await transfer().ConfigureAwait(false);
        }
    }

    private async Task BringOnceAsync(ImageParts parts, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using SemaphoreSlim slots = new(options.Transfers);
        Exception? first = null;
        LayerTransfer[] transfers = [.. parts.Layers.Select(blob => new LayerTransfer(blob, new ProgressMeter(blob, progress)))];
        List<Task> work = [];
        foreach (LayerTransfer transfer in transfers)
        {
            work.Add(GuardAsync(() => TransferAsync(transfer, slots, stop.Token)));
        }

        work.Add(GuardAsync(() => UnpackAllAsync(parts, transfers, stop.Token)));
        await Task.WhenAll(work).ConfigureAwait(false);
        Array.ForEach(transfers, t => t.Dispose());
        cancellation.ThrowIfCancellationRequested();
        if (first is not null)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        // The first failure ends the others, and is the one that is told.
        async Task GuardAsync(Func<Task> part)
        {
            try
            {
                await part().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, e, null);
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task TransferAsync(LayerTransfer transfer, SemaphoreSlim slots, CancellationToken cancellation)
    {
        Descriptor blob = transfer.Blob;
        try
        {
            transfer.Meter.Enter(TransferStage.Waiting, 0);
            await slots.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                using IDisposable alone = await locks.TakeAsync(blob.Digest, cancellation).ConfigureAwait(false);
                if (blobs.Contains(blob.Digest))
                {
                    transfer.IsPresent = true;
                    transfer.Opened.SetResult(() => blobs.OpenRead(blob.Digest));
                }
                else
                {
                    await FillAsync(transfer, cancellation).ConfigureAwait(false);
                }
            }
            finally
            {
                slots.Release();
            }

            transfer.Verified.SetResult();
        }
        catch (Exception e)
        {
            transfer.Fail(e);
            throw;
        }
    }

    private async Task FillAsync(LayerTransfer transfer, CancellationToken cancellation)
    {
        SafeFileHandle file = partials.Open(transfer.Blob.Digest);
        GrowingBlob growing = transfer.Growing = new GrowingBlob(file);
        transfer.Opened.SetResult(growing.OpenRead);
        await partials.FillAsync(transfer.Blob, file, growing, source, transfer.Meter, cancellation).ConfigureAwait(false);
        growing.Complete();
        transfer.Meter.Enter(TransferStage.Unpacking, transfer.Blob.Size);
    }

    private async Task UnpackAllAsync(ImageParts parts, LayerTransfer[] transfers, CancellationToken cancellation)
    {
        List<string> parents = [];
        for (int i = 0; i < transfers.Length; i++)
        {
            LayerTransfer transfer = transfers[i];
            (Digest chainId, Digest diffId) = (parts.ChainIds[i], parts.DiffIds[i]);
            bool present = true;
            using (await locks.TakeAsync(chainId, cancellation).ConfigureAwait(false))
            {
                if (!layers.Contains(chainId))
                {
                    present = false;
                    Func<Stream> open = await transfer.Opened.Task.ConfigureAwait(false);
                    using Stream blob = open();
                    await Task.Factory.StartNew(
                        () => layers.AddAsync(chainId, diffId, blob, parents, transfer.Verified.Task, cancellation),
                        cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap().ConfigureAwait(false);
                }
            }

            await transfer.Verified.Task.ConfigureAwait(false);
            transfer.Meter.Enter(present && transfer.IsPresent ? TransferStage.Present : TransferStage.Done, transfer.Blob.Size);
            parents.Add(layers.PathOf(chainId));
        }
    }
}
