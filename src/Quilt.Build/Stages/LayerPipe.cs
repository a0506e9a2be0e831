using System.IO.Pipes;
using System.Runtime.ExceptionServices;
using Quilt.Images;

namespace Quilt.Build;

/// <summary>An archive written by one thread and unpacked by another, as it is written.</summary>
internal static class LayerPipe
{
    private const int BufferBytes = 128 << 10;

    /// <param name="write">Runs on a thread of its own.</param>
    internal static async Task<StoredLayer> AddAsync(
        ImageStore store, ImageLease lease, IReadOnlyList<StoredLayer> below, Action<Stream, CancellationToken> write, CancellationToken cancellation)
    {
        using AnonymousPipeServerStream input = new(PipeDirection.In, HandleInheritability.None);
        using AnonymousPipeClientStream output = new(PipeDirection.Out, input.ClientSafePipeHandle);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bool readerEnded = false;
        Exception? failed = null;
        Task<Exception?> writing = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        StoredLayer? layer = null;
        try
        {
            layer = await store.AddLayerAsync(lease, below, input, cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failed = e;
        }

        // What the reader does not take any more, the writer need not write.
        Volatile.Write(ref readerEnded, true);
        await stop.CancelAsync().ConfigureAwait(false);
        await input.DisposeAsync().ConfigureAwait(false);

        // Where the writer failed, the archive ended in the middle, which the reader may have told in its way.
        failed = await writing.ConfigureAwait(false) ?? failed;
        if (failed is not null)
        {
            ExceptionDispatchInfo.Throw(failed);
        }

        return layer!;

        Exception? Write()
        {
            try
            {
                using (output)
                {
                    BufferedStream buffered = new(output, BufferBytes);
                    write(buffered, stop.Token);
                    buffered.Flush();
                }

                return null;
            }
            catch (Exception e)
            {
                return Volatile.Read(ref readerEnded) ? null : e;
            }
        }
    }
}
