using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Aria;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    private const int DownloadChunk = 256 << 10;

    public override async Task<UploadResponse> Upload(IAsyncStreamReader<ContentChunk> requestStream, ServerCallContext context)
    {
        CallArguments told = new(() => Told.Of(), () => Told.Of());
        (string id, long bytes) = await agents.Execution.RunAsync(GrpcCall.Of(context), TransferFiles.Upload, told, async (caller, cancellation) =>
        {
            await using ChunkStream content = new(requestStream);
            return await agents.Transfers.ReceiveAsync(caller, content, cancellation).ConfigureAwait(false);
        }, null, context.CancellationToken).ConfigureAwait(false);
        return new UploadResponse { UploadId = id, Bytes = bytes };
    }

    public override Task Download(DownloadRequest request, IServerStreamWriter<ContentChunk> responseStream, ServerCallContext context)
    {
        string told() => Told.Of(("download", request.DownloadId));
        return agents.Execution.RunAsync(GrpcCall.Of(context), TransferFiles.Download, new CallArguments(told, told), async (caller, cancellation) =>
        {
            await using FileStream content = agents.Transfers.Take(caller, request.DownloadId, "download_id");
            byte[] buffer = new byte[DownloadChunk];
            int count;
            while ((count = await content.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                await responseStream.WriteWholeAsync(new ContentChunk { Data = ByteString.CopyFrom(buffer, 0, count) }, cancellation).ConfigureAwait(false);
            }

            return true;
        }, null, context.CancellationToken);
    }
}
