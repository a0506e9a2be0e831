using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>A stream that fails where more than so many bytes come.</summary>
internal sealed class BoundedStream(Stream inner, long limit) : ReadingStream
{
    private long _read;

    public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Counted(await inner.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).ConfigureAwait(false));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Counted(int count) => (_read += count) <= limit ? count : throw new TooLongException(limit);
}

/// <summary>More came than was allowed.</summary>
internal sealed class TooLongException(long limit) : IOException($"longer than {limit} bytes");
