using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Passes on what was counted first. Does not close what it writes to.</summary>
internal sealed class CountedStream(Stream to, Action<long> count) : WritingStream
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        count(buffer.Length);
        to.Write(buffer);
    }

    public override void Flush() => to.Flush();
}
