using System.IO.Pipelines;
using System.Runtime.ExceptionServices;

namespace Quilt.Core;

/// <summary>Carries bytes from whoever writes them to whoever reads them, in bounded memory. Where one fails, the other ends.</summary>
public static class StreamPipe
{
    private const int MostBytes = 1 << 20;

    /// <returns>What the reader made of it.</returns>
    public static async Task<T> RunAsync<T>(Func<Stream, CancellationToken, Task> write, Func<Stream, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: MostBytes, resumeWriterThreshold: MostBytes / 2, useSynchronizationContext: false));
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ExceptionDispatchInfo? first = null;
        Task writing = WriteAsync();
        try
        {
            return await read(pipe.Reader.AsStream(), over.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // What ended the writer came before what the reader says of content without an end.
            (first ??= ExceptionDispatchInfo.Capture(e)).Throw();
            throw;
        }
        finally
        {
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }

        async Task WriteAsync()
        {
            try
            {
                await write(pipe.Writer.AsStream(), over.Token).ConfigureAwait(false);
                await pipe.Writer.CompleteAsync().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // it is thrown to whoever awaits it all
            catch (Exception e)
#pragma warning restore CA1031
            {
                first ??= ExceptionDispatchInfo.Capture(e);
                await pipe.Writer.CompleteAsync(e).ConfigureAwait(false);
            }
        }
    }
}
