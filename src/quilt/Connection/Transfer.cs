using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Content beside a call: archives, which arguments and results cannot carry.</summary>
internal static class Transfer
{
    private const int ChunkBytes = 256 << 10;

    /// <summary>Sends what is written, as it is written.</summary>
    /// <returns>The id that a tool takes it by.</returns>
    internal static async Task<string> UploadAsync(DaemonClient daemon, Func<Stream, Task> write)
    {
        using AsyncClientStreamingCall<IMessage, IMessage> call = daemon.Upload();
        try
        {
            await using (BufferedStream chunks = new(new ChunkWriter(call.RequestStream), ChunkBytes))
            {
                await write(chunks);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The daemon has ended the call: its answer says why.
            await call.ResponseAsync;
            throw;
        }

        return ((UploadResponse)await call.ResponseAsync).UploadId;
    }

    internal static async Task DownloadAsync(DaemonClient daemon, string id, Stream to)
    {
        await foreach (ContentChunk chunk in daemon.Download(new DownloadRequest { DownloadId = id }))
        {
            await to.WriteAsync(chunk.Data.Memory);
        }
    }

    /// <summary>To a file, which is whole or as it was.</summary>
    /// <param name="field">Which option names it.</param>
    /// <exception cref="QuiltException">InvalidArgument: it cannot be written.</exception>
    internal static async Task DownloadAsync(DaemonClient daemon, string id, string file, string field)
    {
        string partial = file + ".part";
        try
        {
            await using (FileStream to = new(partial, FileMode.Create, FileAccess.Write))
            {
                await DownloadAsync(daemon, id, to);
            }

            File.Move(partial, file, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(partial);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw QuiltException.Invalid(field, $"{field} '{file}' cannot be written: {e.Message}", "name a file that you may write, on a disk with space");
            }

            throw;
        }
    }

    /// <summary>Each write is a message.</summary>
    private sealed class ChunkWriter(IClientStreamWriter<IMessage> to) : WritingStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (ReadOnlyMemory<byte> left = buffer; !left.IsEmpty; left = left[Math.Min(left.Length, ChunkBytes)..])
            {
                await to.WriteAsync(new ContentChunk { Data = ByteString.CopyFrom(left.Span[..Math.Min(left.Length, ChunkBytes)]) }, cancellationToken);
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        // Archives are written by code that knows no tasks; the command does nothing else meanwhile.
        public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }
}
