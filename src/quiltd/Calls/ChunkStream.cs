using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>The chunks of a call's stream, read as one.</summary>
internal sealed class ChunkStream(IAsyncStreamReader<ContentChunk> chunks) : ReadingStream
{
    private ReadOnlyMemory<byte> _left;

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
}
