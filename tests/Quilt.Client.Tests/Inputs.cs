using Quilt.Core;

namespace Quilt.Client.Tests;

/// <summary>Zeros, and then a failure.</summary>
internal sealed class FailingStream(int bytes) : ReadingStream
{
    private int _left = bytes;

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0)
        {
            throw new IOException("the input failed");
        }

        int count = Math.Min(buffer.Length, _left);
        buffer[..count].Clear();
        _left -= count;
        return count;
    }
}

/// <summary>Zeros without an end, whatever becomes of who reads them.</summary>
/// <param name="told">How often it was read before.</param>
internal sealed class EndlessStream(Action<int> told) : ReadingStream
{
    private int _reads;

    public override int Read(Span<byte> buffer)
    {
        told(_reads++);
        buffer.Clear();
        return buffer.Length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
}
