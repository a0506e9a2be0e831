using System.IO.Pipes;
using System.Runtime.ExceptionServices;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    private const int PipeBufferBytes = 128 << 10;

    /// <summary>A layer of what a container has written: read, compressed and unpacked in one pass.</summary>
    /// <param name="below">The layers that the container was made of, lowest first.</param>
    /// <exception cref="Core.QuiltException">As <see cref="UpperArchive.Write"/> and <see cref="AddLayerAsync(ImageLease, IReadOnlyList{StoredLayer}, Stream, CancellationToken)"/>. Nothing is left of it.</exception>
    public Task<StoredLayer> AddUpperAsync(
        ImageLease lease, IReadOnlyList<StoredLayer> below, string upperFolder, uint hostIdBase, UpperArchiveOptions options, CancellationToken cancellation) =>
        AddLayerAsync(lease, below, (output, stop) => UpperArchive.Write(upperFolder, hostIdBase, output, options, stop), cancellation);

    /// <summary>A layer of an archive that is written by one thread and unpacked by another, as it is written.</summary>
    /// <param name="write">Runs on a thread of its own.</param>
    /// <exception cref="Core.QuiltException">As the other. What the writer throws goes before it.</exception>
    public async Task<StoredLayer> AddLayerAsync(
        ImageLease lease, IReadOnlyList<StoredLayer> below, Action<Stream, CancellationToken> write, CancellationToken cancellation)
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
            layer = await AddLayerAsync(lease, below, input, cancellation).ConfigureAwait(false);
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
                    BufferedStream buffered = new(output, PipeBufferBytes);
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
