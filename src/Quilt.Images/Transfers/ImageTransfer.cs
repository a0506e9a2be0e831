using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>One image's way into the store.</summary>
internal sealed class ImageTransfer(
    BlobStore blobs, LayerStore layers, PartialBlobs partials, KeyedLocks<Digest> locks, ImageStoreOptions options,
    IBlobSource source, ImageLease lease, SpaceLimit.SpaceShare space, IProgress<TransferProgress>? progress)
{
    private readonly ConcurrentBag<Digest> _brought = [], _begun = [];
    private readonly HashSet<Digest> _damaged = [];

    /// <summary>Blobs and layers that were not here before.</summary>
    internal IReadOnlyCollection<Digest> Brought => _brought;

    /// <summary>Keys of the blobs of which something may be left.</summary>
    internal IReadOnlyCollection<Digest> Begun => _begun;

    /// <summary>A manifest or configuration, held and brought where it is not here.</summary>
    /// <param name="longest">In bytes; more is refused before it is transferred.</param>
    internal async Task BringDocumentAsync(Descriptor document, int longest, CancellationToken cancellation)
    {
        lease.Hold(document.Digest);
        if (document.Size > longest)
        {
            throw QuiltException.Invalid("image", $"a document of the image has {document.Size} bytes, and at most {longest} are taken", "get an image that is made as usual");
        }

        SharedBlob shared = Shared(document);
        await RetryFromTheBeginningAsync(async () =>
        {
            ProgressMeter meter = new(document, progress);
            using IDisposable alone = await locks.TakeAsync(shared.Key, cancellation).ConfigureAwait(false);
            if (blobs.HasSound(document, longest))
            {
                meter.Enter(TransferStage.Present, document.Size);
                return;
            }

            using SafeFileHandle file = Begin(shared);
            using GrowingBlob growing = new(file);
            await partials.FillAsync(shared, file, growing, source, meter, cancellation).ConfigureAwait(false);
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

    private SharedBlob Shared(Descriptor blob) => SharedBlob.Of(blob, source.Origin);

    private SafeFileHandle Begin(SharedBlob blob)
    {
        space.Take(blob.Descriptor.Size);
        SafeFileHandle file = partials.Open(blob, afresh: _damaged.Contains(blob.Key));
        _begun.Add(blob.Key);
        _brought.Add(blob.Descriptor.Digest);
        return file;
    }

    /// <summary>Once more for each blob of which something damaged was here: from then on that one is not gone on with.</summary>
    private async Task RetryFromTheBeginningAsync(Func<Task> transfer)
    {
        while (true)
        {
            try
            {
                await transfer().ConfigureAwait(false);
                return;
            }
            catch (PartialDamagedException e) when (_damaged.Add(e.Key))
            {
                // All who read it have ended, and it is gone. What came is not counted twice.
                space.Settle();
            }
        }
    }

    private async Task BringOnceAsync(ImageParts parts, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using SemaphoreSlim slots = new(options.Transfers);
        Exception? first = null;
        LayerTransfer[] transfers = [.. parts.Layers.Select(blob => new LayerTransfer(Shared(blob), new ProgressMeter(blob, progress)))];
        List<Task> work = [];
        foreach (LayerTransfer transfer in transfers)
        {
            work.Add(GuardAsync(() => TransferAsync(transfer, slots, stop.Token)));
        }

        int next = -1;
        for (int i = 0; i < options.Unpackings; i++)
        {
            // Lowest first: whoever waits for one below waits for one that is at work.
            work.Add(GuardAsync(async () =>
            {
                int layer;
                while ((layer = Interlocked.Increment(ref next)) < transfers.Length)
                {
                    await UnpackAsync(parts, transfers, layer, stop.Token).ConfigureAwait(false);
                }
            }));
        }

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
        SharedBlob blob = transfer.Blob;
        try
        {
            transfer.Meter.Enter(TransferStage.Waiting, 0);
            await slots.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                using IDisposable alone = await locks.TakeAsync(blob.Key, cancellation).ConfigureAwait(false);
                if (blobs.Contains(blob.Descriptor.Digest))
                {
                    transfer.IsPresent = true;
                    transfer.Opened.SetResult(() => blobs.OpenRead(blob.Descriptor.Digest));
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
        SafeFileHandle file = Begin(transfer.Blob);
        GrowingBlob growing = transfer.Growing = new GrowingBlob(file);
        transfer.Opened.SetResult(growing.OpenRead);
        await partials.FillAsync(transfer.Blob, file, growing, source, transfer.Meter, cancellation).ConfigureAwait(false);
        growing.Complete();
        transfer.Meter.Enter(TransferStage.Unpacking, transfer.Blob.Descriptor.Size);
    }

    private async Task UnpackAsync(ImageParts parts, LayerTransfer[] transfers, int number, CancellationToken cancellation)
    {
        LayerTransfer transfer = transfers[number];
        (Digest chainId, Digest diffId) = (parts.ChainIds[number], parts.DiffIds[number]);
        try
        {
            Task below = number == 0 ? Task.CompletedTask : transfers[number - 1].Unpacked.Task;
            bool present = true;
            Digest key = SharedBlob.KeyOf(chainId, transfers.Take(number + 1).Select(t => t.Blob));
            using (await locks.TakeAsync(key, cancellation).ConfigureAwait(false))
            {
                if (!layers.Contains(chainId))
                {
                    present = false;
                    LowerLayers parents = new([.. parts.ChainIds.Take(number).Select(layers.PathOf)], below);
                    Func<Stream> open = await transfer.Opened.Task.ConfigureAwait(false);
                    using Stream blob = open();
                    await OnThreadAsync(() => layers.AddAsync(chainId, diffId, blob, parents, Task.WhenAll(transfer.Verified.Task, below), space, cancellation), transfer, cancellation).ConfigureAwait(false);
                    _brought.Add(chainId);
                }
            }

            await Task.WhenAll(transfer.Verified.Task, below).ConfigureAwait(false);
            transfer.Unpacked.SetResult();
            transfer.Meter.Enter(present && transfer.IsPresent ? TransferStage.Present : TransferStage.Done, transfer.Blob.Descriptor.Size);
        }
        catch (Exception e)
        {
            transfer.Fail(e);
            throw;
        }
    }

    /// <summary>On a thread of its own, for it waits for what it reads.</summary>
    private static async Task OnThreadAsync(Func<Task> unpack, LayerTransfer transfer, CancellationToken cancellation)
    {
        try
        {
            await Task.Factory.StartNew(unpack, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap().ConfigureAwait(false);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.InvalidArgument)
        {
            // Whether the layer is bad, or was damaged on its way, is known when all of it is here.
            await transfer.Verified.Task.ConfigureAwait(false);
            throw;
        }
    }
}
