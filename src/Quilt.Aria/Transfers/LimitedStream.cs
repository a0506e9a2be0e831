using Quilt.Core;

namespace Quilt.Aria;

/// <summary>Passes on so many bytes and no more. Does not close what it writes to.</summary>
internal sealed class LimitedStream(Stream to, long mostBytes, Func<QuiltException> tooMuch) : WritingStream
{
    private long _left = mostBytes;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _left -= buffer.Length;
        if (_left < 0)
        {
            throw tooMuch();
        }

        to.Write(buffer);
    }

    public override void Flush() => to.Flush();
}
