using Google.Protobuf;
using Grpc.Core;
using Quilt.Core;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

public sealed partial class QuiltClient
{
    private const int ChunkBytes = 256 << 10;

    /// <summary>Sends what the arguments of a tool cannot carry: a build's context, an image's archive.</summary>
    /// <param name="content">Read to its end.</param>
    /// <returns>The id that one call takes it by, within 15 minutes.</returns>
    /// <exception cref="QuiltException">ResourceExhausted: too much waits, or the disk is full.</exception>
    public async Task<string> UploadAsync(Stream content, CancellationToken cancellationToken = default)
    {
        using AsyncClientStreamingCall<Wire.ContentChunk, Wire.UploadResponse> call = _calls.Service.Upload(_calls.Options(cancellationToken));
        try
        {
            byte[] buffer = new byte[ChunkBytes];
            int count;
            while ((count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                await call.RequestStream.WriteAsync(new Wire.ContentChunk { Data = ByteString.CopyFrom(buffer, 0, count) }, cancellationToken).ConfigureAwait(false);
            }

            await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            // The daemon has ended the call: its answer says why.
        }

        return (await _calls.UnaryAsync(_ => new AsyncUnaryCall<Wire.UploadResponse>(call.ResponseAsync, call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, () => { }), cancellationToken).ConfigureAwait(false)).UploadId;
    }

    /// <summary>Fetches what a tool's result cannot carry, such as a saved image, by the id that the result has: once, within 15 minutes.</summary>
    /// <exception cref="QuiltException">NotFound: it was fetched before, or is too old, or another's.</exception>
    public async Task DownloadAsync(string downloadId, Stream to, CancellationToken cancellationToken = default)
    {
        Wire.DownloadRequest request = new() { DownloadId = downloadId };
        await foreach (Wire.ContentChunk chunk in _calls.StreamAsync(o => _calls.Service.Download(request, o), cancellation: cancellationToken).ConfigureAwait(false))
        {
            await to.WriteAsync(chunk.Data.Memory, cancellationToken).ConfigureAwait(false);
        }
    }
}
