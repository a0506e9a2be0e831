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

    internal static async Task DownloadAsync(DaemonClient daemon, string id, Stream to, CancellationToken cancellation = default)
    {
        await foreach (ContentChunk chunk in daemon.Download(new DownloadRequest { DownloadId = id }).WithCancellation(cancellation))
        {
            await to.WriteAsync(chunk.Data.Memory, cancellation);
        }
    }

    /// <summary>To a file of the caller's.</summary>
    /// <inheritdoc cref="OutputFile.WriteAsync" path="/exception"/>
    internal static Task DownloadAsync(DaemonClient daemon, string id, string file, string field) => OutputFile.WriteAsync(file, field, to => DownloadAsync(daemon, id, to));

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
