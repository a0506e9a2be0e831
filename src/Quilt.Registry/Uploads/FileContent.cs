using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;

namespace Quilt.Registry;

/// <summary>A part of a file as a request's content.</summary>
internal sealed class FileContent : HttpContent
{
    private const int BufferBytes = 128 << 10, Large = 1 << 20;
    private readonly SafeFileHandle _file;
    private readonly long _offset, _length;
    private readonly Action<int> _sent;

    /// <param name="sent">Told of the bytes that went, each time.</param>
    internal FileContent(SafeFileHandle file, long offset, long length, Action<int> sent)
    {
        _file = file;
        _offset = offset;
        _length = length;
        _sent = sent;
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        Headers.ContentLength = length;
    }

    internal bool IsLarge => _length > Large;

    /// <summary>Called when bytes went: the transfer is not stuck.</summary>
    internal Action? Moved { get; set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (long done = 0; done < _length;)
            {
                int wanted = (int)Math.Min(buffer.Length, _length - done);
                int count = await RandomAccess.ReadAsync(_file, buffer.AsMemory(0, wanted), _offset + done, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    throw new EndOfStreamException("a blob in the store is shorter than it was");
                }

                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                done += count;
                Moved?.Invoke();
                _sent(count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
