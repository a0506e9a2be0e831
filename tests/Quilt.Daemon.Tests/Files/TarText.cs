using System.Formats.Tar;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Small archives, and their ways to the daemon and back.</summary>
internal sealed class TarText(TarWriter writer)
{
    internal static byte[] Of(Action<TarText> write)
    {
        using MemoryStream bytes = new();
        using (TarWriter writer = new(bytes, leaveOpen: true))
        {
            write(new TarText(writer));
        }

        return bytes.ToArray();
    }

    internal TarText Add(string path, string content = "")
    {
        PaxTarEntry entry = new(path.EndsWith('/') ? TarEntryType.Directory : TarEntryType.RegularFile, path);
        if (!path.EndsWith('/'))
        {
            entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        }

        return Add(entry);
    }

    internal TarText Add(TarEntry entry)
    {
        writer.WriteEntry(entry);
        return this;
    }
}

internal static class Transfers
{
    internal static async Task<string> UploadBytes(this QuiltService.QuiltServiceClient client, byte[] content, string? token = null)
    {
        using AsyncClientStreamingCall<ContentChunk, UploadResponse> call = client.Upload(token is null ? null : Bearer(token), cancellationToken: Cancellation);
        try
        {
            foreach (byte[] chunk in content.Chunk(100_000))
            {
                await call.RequestStream.WriteAsync(new ContentChunk { Data = ByteString.CopyFrom(chunk) }, Cancellation);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is InvalidOperationException or RpcException)
        {
            // It was answered before it was sent whole: the answer tells.
        }

        return (await call).UploadId;
    }

    internal static async Task<byte[]> DownloadBytes(this QuiltService.QuiltServiceClient client, string id)
    {
        using MemoryStream all = new();
        using AsyncServerStreamingCall<ContentChunk> call = client.Download(new DownloadRequest { DownloadId = id }, cancellationToken: Cancellation);
        await foreach (ContentChunk chunk in call.ResponseStream.ReadAllAsync(Cancellation))
        {
            await all.WriteAsync(chunk.Data.Memory, Cancellation);
        }

        return all.ToArray();
    }
}
