using Grpc.Core;
using Quilt.Api.V1;

namespace Quilt.Daemon;

/// <summary>The chunks of a call's stream, read as one.</summary>
internal sealed class ChunkStream(IAsyncStreamReader<ContentChunk> chunks) : Stream
{
    private ReadOnlyMemory<byte> _left;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_left.IsEmpty)
        {
            if (!await chunks.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            _left = chunks.Current.Data.Memory;
        }

        int count = Math.Min(buffer.Length, _left.Length);
        _left[..count].CopyTo(buffer);
        _left = _left[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
