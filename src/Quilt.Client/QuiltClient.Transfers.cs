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
        byte[] buffer = new byte[ChunkBytes];
        int count;
        do
        {
            count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        while (await SendAsync(call.RequestStream, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false) && count > 0);

        return (await _calls.AnswerAsync(call.ResponseAsync, cancellationToken).ConfigureAwait(false)).UploadId;
    }

    /// <param name="chunk">Empty: the end.</param>
    /// <returns>False: the daemon has ended the call, or the caller has; its answer says why.</returns>
    private static async Task<bool> SendAsync(IClientStreamWriter<Wire.ContentChunk> to, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        try
        {
            await (chunk.IsEmpty ? to.CompleteAsync() : to.WriteAsync(new Wire.ContentChunk { Data = ByteString.CopyFrom(chunk.Span) }, cancellation)).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            return false;
        }
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
